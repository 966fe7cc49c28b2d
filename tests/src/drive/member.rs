//! Who is on the demo's staff, and with which PIN they unlock.

/// A member of the demo's staff, as the backend announces them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub role: String,
    pub pin: String,
}

impl Member {
    /// `销售 01 sales 1001`: names have spaces in them.
    pub fn read(line: &str) -> Option<Member> {
        let mut words = line.trim().rsplitn(3, ' ');
        let (pin, role, name) = (words.next()?, words.next()?, words.next()?);
        Some(Member {
            name: name.to_owned(),
            role: role.to_owned(),
            pin: pin.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_are_read() {
        let read = Member::read("销售 01 sales 1001").unwrap();
        assert_eq!(
            read,
            Member {
                name: "销售 01".into(),
                role: "sales".into(),
                pin: "1001".into()
            }
        );
        assert_eq!(Member::read("sales 1001"), None);
    }
}
