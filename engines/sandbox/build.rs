//! Builds the bubble's init (`init/main.rs`) as a static program, so that it runs in an image of
//! any age, and hands its path to `src/init.rs`, which embeds it.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=init/main.rs");
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let rustc = std::env::var_os("RUSTC").expect("cargo sets RUSTC");
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    let program = out.join("bubble-init");
    let status = Command::new(rustc)
        .args(["--edition", "2024", "--crate-name", "bubble_init", "--crate-type", "bin"])
        .args(["--target", &target, "-C", "target-feature=+crt-static"])
        .args(["-C", "opt-level=2", "-C", "panic=abort", "-C", "strip=symbols"])
        .args(["-C", "lto=fat", "-C", "codegen-units=1"])
        .arg("-o")
        .arg(&program)
        .arg("init/main.rs")
        .status();
    match status {
        Ok(status) if status.success() => {}
        other => panic!("the bubble's init could not be built: {other:?}"),
    }
    println!("cargo:rustc-env=BUBBLE_INIT={}", program.display());
}
