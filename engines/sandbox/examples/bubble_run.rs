//! `bubble_run [--profile P] [--data DIR]... [--project DIR] [--exports DIR] [--image ROOT]
//! -- COMMAND...`: the same arguments as `bulle bubble run`, to try the engine alone.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use sandbox::{Image, Profile, Run, run_command};

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(255)),
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            eprintln!("bubble_run: {text}");
            ExitCode::from(125)
        }
    }
}

fn run() -> Result<i32, Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1);
    let mut profile = Profile::small();
    let (mut data, mut project, mut exports, mut root) = (Vec::new(), None, None, None);
    let mut command: Vec<OsString> = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{} needs a value", arg.display()));
        match arg.to_str() {
            Some("--") => {
                command = args.collect();
                break;
            }
            Some("--profile") => {
                let name = value()?;
                let found = name.to_str().and_then(Profile::named);
                profile = found.ok_or(format!("there is no profile `{}`", name.display()))?;
            }
            Some("--data") => data.push(PathBuf::from(value()?)),
            Some("--project") => project = Some(PathBuf::from(value()?)),
            Some("--exports") => exports = Some(PathBuf::from(value()?)),
            Some("--image") => root = Some(PathBuf::from(value()?)),
            _ => return Err(format!("unknown argument `{}`", arg.display()).into()),
        }
    }
    let image = match root {
        Some(root) => Image { root, digest: "not checked".into() },
        None => sandbox::image::ensure(&sandbox::image::default_cache(), &mut |step| {
            eprintln!("image: {step:?}");
        })?,
    };
    Ok(run_command(&Run { profile, image, data, project, exports, tools: Vec::new(), command })?)
}
