//! Tells cargo when the files of the web app change. It builds none of them: `cargo xtask` does.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build reads them while it runs.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return;
    }
    let built = Path::new("../web/dist").is_dir();
    // Where nothing is built yet, that appears in the folder above.
    let watched = if built { "../web/dist" } else { "../web" };
    println!("cargo::rerun-if-changed={watched}");
}
