//! Declares the only two commands, so that each window's capability can allow exactly its own.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&["rpc", "display_state"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
