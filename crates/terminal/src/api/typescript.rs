//! Writes `ui/src/api/generated.ts` from the list: every type that crosses, and the map of commands
//! with input, output, tags and permission. Whole numbers are `number` (money is a string already).

use super::{Access, COMMANDS, visit_types};
use crate::api::payments::DisplayState;
use crate::transact::Tag;
use domain::Code;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use ts_rs::{Config, TS, TypeVisitor};

/// Collects declarations while it walks the commands' types.
pub(super) struct Types {
    config: Config,
    declarations: BTreeMap<String, String>,
    commands: Vec<(String, String, String)>,
}

impl Types {
    pub(super) fn command<I: TS + 'static, O: TS + 'static>(&mut self, name: &str) {
        self.visit::<I>();
        self.visit::<O>();
        let (input, output) = (I::name(&self.config), O::name(&self.config));
        self.commands.push((name.to_owned(), input, output));
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.declarations.contains_key(&name) {
                return;
            }
            self.declarations.insert(name, T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole file.
pub fn generate() -> String {
    let mut types = Types {
        config: Config::new().with_large_int("number"),
        declarations: BTreeMap::new(),
        commands: Vec::new(),
    };
    visit_types(&mut types);
    types.visit::<Code>();
    types.visit::<Tag>();
    types.visit::<DisplayState>();

    let mut out = String::from(
        "// Generated from the terminal's list of commands; `cargo xtask gen` writes it anew.\n",
    );
    for declaration in types.declarations.values() {
        let _ = write!(out, "\nexport {declaration}\n");
    }
    out.push_str("\nexport interface Commands {\n");
    for (name, input, output) in &types.commands {
        let _ = writeln!(out, "  {name}: {{ input: {input}; output: {output} }};");
    }
    out.push_str("}\n\nexport type Access = \"anybody\" | \"unlocked\" | Permission;\n");
    out.push_str("\nexport const commands: {\n  readonly [C in keyof Commands]: {\n    readonly access: Access;\n    readonly writes: boolean;\n    readonly tags: readonly Tag[];\n  };\n} = {\n");
    for command in COMMANDS {
        let access = match command.access {
            Access::Anybody => "\"anybody\"".to_owned(),
            Access::Unlocked => "\"unlocked\"".to_owned(),
            Access::Needs(permission) => serde_json::to_string(&permission).unwrap_or_default(),
        };
        let tags = serde_json::to_string(command.tags).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {}: {{ access: {access}, writes: {}, tags: {tags} }},",
            command.name, command.writes
        );
    }
    out.push_str("};\n");
    out
}
