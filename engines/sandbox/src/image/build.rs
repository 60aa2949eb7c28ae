//! Builds the tree: Debian packages by mmdebstrap into a tar, unpacked here under the name of
//! whoever builds; then a Python environment made inside it, at the path where bubbles see it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::recipe::ARCHITECTURE;
use super::{ImageError, Manifest, Recipe, Step, at, settle, tree};

/// Builds into `place/root` and says what was built.
pub(super) fn build(
    recipe: &Recipe,
    place: &Path,
    progress: &mut dyn FnMut(Step),
) -> Result<Manifest, ImageError> {
    let builder = Builder { recipe, place, root: place.join("root") };
    progress(Step::Packages);
    builder.packages()?;
    progress(Step::Unpacking);
    builder.unpack()?;
    progress(Step::Python);
    builder.python()?;
    progress(Step::Settling);
    let packages = installed(&builder.root);
    let python = recipe.requirements.lines().filter_map(pinned).map(str::to_owned).collect();
    settle::settle(&builder.root).map_err(at(&builder.root))?;
    progress(Step::Digesting);
    let digest = tree::digest(&builder.root).map_err(at(&builder.root))?;
    Ok(Manifest {
        recipe: recipe.digest(),
        digest,
        architecture: ARCHITECTURE.into(),
        packages,
        python,
    })
}

struct Builder<'a> {
    recipe: &'a Recipe,
    place: &'a Path,
    root: PathBuf,
}

impl Builder<'_> {
    fn packages(&self) -> Result<(), ImageError> {
        let program = installed_program("mmdebstrap")?;
        let mut command = Command::new(program);
        // As a plain user the packages' scripts run as the root of a user namespace.
        let mode = if rustix::process::geteuid().is_root() { "root" } else { "unshare" };
        command.arg(format!("--mode={mode}")).args(["--variant=minbase", "--format=tar"]);
        // Nothing here needs to survive a crash: an unfinished image is thrown away.
        command.arg("--dpkgopt=force-unsafe-io");
        for pattern in &self.recipe.exclude {
            command.arg(format!("--dpkgopt=path-exclude={pattern}"));
        }
        command.arg(format!("--components={}", self.recipe.components.join(",")));
        command.arg(format!("--include={}", self.recipe.packages.join(",")));
        for option in apt_options() {
            command.arg(format!("--aptopt={option}"));
        }
        command.arg(&self.recipe.suite).arg("-");
        if let Some(sources) = apt_sources(&self.recipe.suite) {
            let path = self.place.join("image.sources");
            fs::write(&path, sources).map_err(at(&path))?;
            command.arg(path);
        }
        // Written through a descriptor: in unshare mode mmdebstrap's own user could not enter the
        // cache to write a file.
        let path = self.place.join("packages.tar");
        let tar = File::create(&path).map_err(at(&path))?;
        command.stdout(tar).stdin(Stdio::null());
        self.run(Step::Packages, command)
    }

    fn unpack(&self) -> Result<(), ImageError> {
        fs::create_dir(&self.root).map_err(at(&self.root))?;
        let tar = self.place.join("packages.tar");
        let mut command = Command::new("tar");
        command.args(["--extract", "--no-same-owner", "--preserve-permissions"]);
        // Device nodes: a plain user cannot make them, and bwrap gives its own.
        command.args(["--exclude=./dev/*", "--directory"]).arg(&self.root).arg("--file").arg(&tar);
        self.run(Step::Unpacking, command)?;
        fs::remove_file(&tar).map_err(at(&tar))
    }

    /// Made inside the tree, by its own Python, at its final path: the scripts of an environment
    /// carry the path at which it was made.
    fn python(&self) -> Result<(), ImageError> {
        let requirements = self.place.join("requirements.txt");
        fs::write(&requirements, self.recipe.requirements).map_err(at(&requirements))?;
        let bwrap = crate::launch::find_bwrap().ok_or(ImageError::Missing("bwrap"))?;
        let mut command = Command::new(bwrap);
        command.env_clear().envs(client_environment());
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/tmp/home");
        if !rustix::process::geteuid().is_root() {
            command.args(["--unshare-user", "--uid", "0", "--gid", "0"]);
        }
        command.args(["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]);
        command.arg("--bind").arg(&self.root).arg("/");
        command.args(["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]);
        command.arg("--ro-bind").arg(&requirements).arg("/tmp/requirements.txt");
        for (source, place) in client_files() {
            command.arg("--ro-bind").arg(source).arg(place);
        }
        command.args(["/bin/sh", "-c"]).arg(
            "python3 -m venv /opt/python && \
             /opt/python/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: \
             --no-deps --requirement /tmp/requirements.txt && \
             /opt/python/bin/pip check && \
             /opt/python/bin/python -c 'import pandas, duckdb, pyarrow, statsmodels.api'",
        );
        self.run(Step::Python, command)
    }

    /// Runs a program with its messages in a file, of which an error shows the end.
    fn run(&self, step: Step, mut command: Command) -> Result<(), ImageError> {
        let path = self.place.join("build.log");
        let log = File::create(&path).map_err(at(&path))?;
        if step != Step::Packages {
            command.stdin(Stdio::null()).stdout(log.try_clone().map_err(at(&path))?);
        }
        let status = command.stderr(log).status().map_err(at(Path::new(command.get_program())))?;
        if status.success() {
            return Ok(());
        }
        let text = fs::read(&path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let log = lines[lines.len().saturating_sub(20)..].join("\n");
        Err(ImageError::Failed { step, status: status.to_string(), log })
    }
}

fn installed_program(name: &'static str) -> Result<PathBuf, ImageError> {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin"];
    let found = folders.into_iter().map(|folder| Path::new(folder).join(name));
    found.into_iter().find(|path| path.is_file()).ok_or(ImageError::Missing(name))
}

/// The machine's own sources of this Debian release. `None` where it has none (another release):
/// mmdebstrap then uses its default.
fn apt_sources(suite: &str) -> Option<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    let parts = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
    files.extend(parts.map(|part| part.path()));
    files.sort();
    let texts = files.iter().filter_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        match path.extension().and_then(OsStr::to_str) {
            Some("sources") => Some(of_suite(&text, suite)),
            Some("list") => Some(one_line_of_suite(&text, suite)),
            _ => None,
        }
    });
    let text: String = texts.collect();
    (!text.is_empty()).then_some(text)
}

/// Paragraphs (deb822) whose suites are this release or its updates, not another archive's.
fn of_suite(text: &str, suite: &str) -> String {
    let of_release = |paragraph: &&str| {
        let field = |name: &str| {
            paragraph.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().to_owned()
        };
        let mut suites = field("Suites:").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        suites.retain(|name| !(name == suite || name.starts_with(&format!("{suite}-"))));
        let disabled = field("Enabled:").trim() == "no";
        !disabled && suites.is_empty() && field("Types:").contains("deb")
    };
    let comment = |line: &&str| !line.starts_with('#');
    let paragraphs: Vec<String> = text
        .lines()
        .filter(comment)
        .collect::<Vec<_>>()
        .join("\n")
        .split("\n\n")
        .map(str::to_owned)
        .collect();
    let kept = paragraphs.iter().map(|p| p.trim()).filter(of_release);
    kept.flat_map(|paragraph| [paragraph, "\n\n"]).collect()
}

/// Lines `deb [options] address suite components` of this release, as paragraphs.
fn one_line_of_suite(text: &str, suite: &str) -> String {
    let paragraph = |line: &str| {
        let rest = line.trim().strip_prefix("deb ")?.trim();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let mut words = rest.split_whitespace();
        let (address, name) = (words.next()?, words.next()?);
        if name != suite && !name.starts_with(&format!("{suite}-")) {
            return None;
        }
        let components = words.collect::<Vec<_>>().join(" ");
        let key = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
        let key = key.map_or(String::new(), |key| format!("Signed-By: {key}\n"));
        Some(format!(
            "Types: deb\nURIs: {address}\nSuites: {name}\nComponents: {components}\n{key}\n"
        ))
    };
    text.lines().filter_map(paragraph).collect()
}

/// The machine's proxies and certificates for apt, which mmdebstrap would not read by itself.
fn apt_options() -> Vec<String> {
    let output = Command::new("apt-config").args(["dump", "Acquire"]).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let wanted = |line: &&str| {
        let name = line.split("::").skip(1).collect::<Vec<_>>().join("::").to_ascii_lowercase();
        !line.contains(" \"\";")
            && ["http::", "https::", "retries", "check-valid-until", "check-date"]
                .iter()
                .any(|start| name.starts_with(start))
    };
    String::from_utf8_lossy(&text).lines().filter(wanted).map(str::to_owned).collect()
}

/// pip's settings, proxies and certificates from this process's environment.
fn client_environment() -> Vec<(OsString, OsString)> {
    const NAMES: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"];
    let wanted = |name: &OsStr| {
        name.to_str().is_some_and(|name| {
            name.starts_with("PIP_")
                || name.to_ascii_lowercase().ends_with("_proxy")
                || NAMES.contains(&name)
        })
    };
    std::env::vars_os().filter(|(name, _)| wanted(name)).collect()
}

/// Files outside the tree that fetching needs, and where the builder sees them.
fn client_files() -> Vec<(PathBuf, PathBuf)> {
    let same = |path: PathBuf| (path.clone(), path);
    let mut files: Vec<_> = ["/etc/resolv.conf", "/etc/hosts", "/etc/ssl", "/etc/pip.conf"]
        .iter()
        .map(|path| same(PathBuf::from(path)))
        .collect();
    // Certificates are often links into here.
    files.push(same("/usr/share/ca-certificates".into()));
    files.push(same("/usr/local/share/ca-certificates".into()));
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        files.push((home.join(".config/pip"), "/tmp/home/.config/pip".into()));
    }
    let local = std::env::var("PIP_FIND_LINKS").unwrap_or_default();
    files.extend(local.split_whitespace().filter(|p| p.starts_with('/')).map(|p| same(p.into())));
    files.retain(|(source, _)| source.exists());
    files
}

fn pinned(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    word.contains("==").then_some(word)
}

/// `name version` of each installed package, from dpkg's own record.
fn installed(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join("var/lib/dpkg/status")).unwrap_or_default();
    let field = |paragraph: &str, name: &str| {
        paragraph.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned))
    };
    text.split("\n\n")
        .filter_map(|p| Some(format!("{} {}", field(p, "Package: ")?, field(p, "Version: ")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_of_the_release_are_taken() {
        let text = "Types: deb\n# a comment\nURIs: a\nSuites: bookworm bookworm-updates\n\n\
            Types: deb\nURIs: b\nSuites: nodistro\n\n\
            Types: deb\nURIs: c\nSuites: bookworm-security\n\n\
            Types: deb\nURIs: d\nSuites: trixie\n\n\
            Types: deb\nEnabled: no\nURIs: e\nSuites: bookworm\n";
        let kept = of_suite(text, "bookworm");
        let addresses: Vec<_> = kept.lines().filter_map(|l| l.strip_prefix("URIs: ")).collect();
        assert_eq!(addresses, ["a", "c"]);
    }

    #[test]
    fn one_line_sources_become_paragraphs() {
        let text = "deb [arch=amd64 signed-by=/k.gpg] http://a bookworm main contrib\n\
            # deb http://b bookworm main\ndeb http://c cloud-bookworm main\n\
            deb-src http://d bookworm main\n";
        let kept = one_line_of_suite(text, "bookworm");
        assert_eq!(
            kept,
            "Types: deb\nURIs: http://a\nSuites: bookworm\nComponents: main contrib\n\
             Signed-By: /k.gpg\n\n"
        );
    }

    #[test]
    fn pins_are_read_from_requirements() {
        assert_eq!(pinned("pandas==3.1.1 \\"), Some("pandas==3.1.1"));
        assert_eq!(pinned("    --hash=sha256:00"), None);
    }
}
