//! `starboard login` and `starboard tokens`.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::stand_in::{PASSWORD, StandIn, TOKEN, TOKEN_ID};
use crate::harness::process::{Program, Ran, STARBOARD, command};
use crate::harness::scratch::Scratch;

/// Somebody at a machine of their own.
pub(super) struct Person {
    folder: Scratch,
    port: u16,
}

impl Person {
    /// Who asks the server on this port.
    pub(super) fn asking(port: u16) -> Person {
        let folder = Scratch::new();
        Person { folder, port }
    }

    /// Runs `starboard`, which reads these lines, to its end.
    pub(super) async fn runs(&self, args: &[&str], lines: &[&str]) -> Ran {
        std::fs::write(self.folder.file("answers"), lines.join("\n")).unwrap();
        self.start(&["-c", "exec \"$@\" < answers"], args)
            .end()
            .await
    }

    /// Starts `starboard`.
    pub(super) fn starts(&self, args: &[&str]) -> Program {
        self.start(&["-c", "exec \"$@\""], args)
    }

    fn start(&self, shell: &[&str], args: &[&str]) -> Program {
        let settings = [
            (
                "STARBOARD_SERVER",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("XDG_CONFIG_HOME", self.config().display().to_string()),
        ];
        let mut program = command("sh", self.folder.path(), &settings);
        Program::spawn(program.args(shell).args(["sh", STARBOARD]).args(args))
    }

    /// Signs in.
    pub(super) async fn signs_in(&self) {
        let ran = self.runs(&["login", "--email", "astronomer@example.org"], &[PASSWORD]);
        let ran = ran.await;
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.file("config")
    }

    fn kept(&self) -> std::path::PathBuf {
        self.config().join("starboard/tokens.json")
    }
}

#[tokio::test]
async fn signing_in_keeps_a_token_that_only_its_owner_can_read() {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);

    let ran = person.runs(
        &[
            "login",
            "--email",
            "astronomer@example.org",
            "--name",
            "here",
        ],
        &[PASSWORD],
    );
    let ran = ran.await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!format!("{ran:?}").contains(TOKEN), "{ran:?}");
    assert_eq!(
        server.asked(),
        [
            "POST /api/auth/login",
            "POST /api/tokens",
            "POST /api/auth/logout"
        ]
    );
    let wanted = json!({ "name": "here", "scope": "write", "expires": null });
    assert_eq!(server.given("POST /api/tokens"), wanted);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(person.kept()), 0o600);
    assert_eq!(mode(person.config().join("starboard")), 0o700);
    let listed = person.runs(&["tokens", "list", "--json"], &[]).await;
    assert_eq!(listed.json()["id"], TOKEN_ID);
}

#[tokio::test]
async fn an_address_is_asked_for_and_so_is_the_code_where_one_is_needed() {
    let server = StandIn::with_code(Some("123456")).await;
    let person = Person::asking(server.port);
    let answers = ["astronomer@example.org", PASSWORD, "123456"];

    let ran = person.runs(&["login"], &answers).await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        server.given("POST /api/auth/login"),
        json!({ "email": answers[0], "password": PASSWORD, "totp": "123456" })
    );
}

#[tokio::test]
async fn what_does_not_fit_keeps_nothing_and_says_so() {
    let server = StandIn::with_code(Some("123456")).await;
    let person = Person::asking(server.port);
    let login = ["login", "--email", "astronomer@example.org"];
    for (answers, said) in [
        (&["another password"][..], "address and password do not fit"),
        (&[PASSWORD, "654321"], "the code does not fit"),
        (&[], "no password was given"),
    ] {
        let ran = person.runs(&login, answers).await;

        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(!ran.stderr.contains(PASSWORD), "{}", ran.stderr);
    }
    assert!(!person.kept().exists());
}

#[tokio::test]
async fn signing_in_again_revokes_the_token_before() {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);
    person.signs_in().await;

    person.signs_in().await;

    let revoked = format!("DELETE /api/tokens/{TOKEN_ID}");
    assert_eq!(
        server
            .asked()
            .iter()
            .filter(|asked| **asked == revoked)
            .count(),
        1
    );
    assert_eq!(person.runs(&["tokens", "list"], &[]).await.code, Some(0));
}

#[tokio::test]
async fn a_token_that_cannot_be_kept_is_revoked() {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);
    // Nothing can be read there, and nothing written.
    std::fs::create_dir(person.config()).unwrap();
    let nowhere = person.folder.file("nowhere");
    std::os::unix::fs::symlink(nowhere, person.config().join("starboard")).unwrap();

    let ran = person
        .runs(&["login", "--email", "astronomer@example.org"], &[PASSWORD])
        .await;

    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let asked = server.asked();
    assert!(
        asked.contains(&format!("DELETE /api/tokens/{TOKEN_ID}")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_new_token_is_written_to_stdout_and_nothing_else_is() {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);
    person.signs_in().await;
    let create = ["tokens", "create", "script", "--expires", "2027-01-31"];

    let ran = person.runs(&create, &[PASSWORD]).await;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, format!("{TOKEN}\n"));
    let wanted = json!({ "name": "script", "scope": "read", "expires": "2027-01-31T00:00:00Z" });
    assert_eq!(server.given("POST /api/tokens"), wanted);
}

#[tokio::test]
async fn ones_own_token_is_revoked_by_itself_and_another_one_by_password() {
    let server = StandIn::start().await;
    let person = Person::asking(server.port);
    person.signs_in().await;
    let other = "0199a5a0-0000-7000-8000-0000000000ff";

    let ran = person.runs(&["tokens", "delete", other], &[PASSWORD]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = person.runs(&["tokens", "delete", TOKEN_ID], &[]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    let ran = person.runs(&["tokens", "list"], &[]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("starboard login"), "{}", ran.stderr);
}
