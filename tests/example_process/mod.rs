//! An example as its users meet it: a process with files, options and a status.
#![allow(dead_code)] // each test file uses its part

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

/// A folder of one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(example: &str, test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{example}-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), bytes).unwrap();
        self.path(name)
    }

    /// The records of a CSV file, the header first.
    pub fn csv(&self, name: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(self.0.join(name))
            .unwrap();
        let records = reader.records().map(Result::unwrap);
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }
}

/// A run of an example.
pub fn run(example: &str, arguments: &[&str]) -> Output {
    Command::new(binary(example))
        .args(arguments)
        .output()
        .unwrap()
}

/// A run that works and has nothing to remark; gives what it prints.
pub fn text(example: &str, arguments: &[&str]) -> String {
    let output = run(example, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), errors.as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A mistake of the user's: one line, nothing on standard output, status 2.
pub fn refused(example: &str, arguments: &[&str]) -> String {
    let output = run(example, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    let line = errors.strip_prefix("error: ").unwrap();
    line.trim_end().to_owned()
}

/// `cargo test` builds the examples; a run of one test file alone does not, and would meet an old one.
pub fn binary(example: &str) -> PathBuf {
    static BUILT: Once = Once::new();
    let deps = std::env::current_exe().unwrap();
    let profile = deps.ancestors().nth(2).unwrap().to_owned();
    let binary = profile
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", example]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        // Where there is nothing to build with, what is there will do.
        let built = build.status().is_ok_and(|status| status.success());
        assert!(built || binary.exists());
    });
    binary
}
