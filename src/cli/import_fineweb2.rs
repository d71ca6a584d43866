//! `sapwood import-fineweb2`

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use sapwood::quality::profile::{ProfileError, import_fineweb2};
use sapwood::report;

use super::failure::Failure;

/// Turn a copy of FineWeb-2's per-language configuration into language profiles.
///
/// Reads every `LANGUAGE_Script.yml` of the folder and writes a profile of the same name, with the
/// thresholds that the original would have used. What makes no sense, such as a mean word length of
/// 3141, is switched off and listed. A file that can't be read is named; the others still go on.
#[derive(Args)]
#[command(after_help = "\
Example:
  sapwood import-fineweb2 fineweb-2/configs --output profiles/")]
pub struct ImportFineweb2 {
    /// The folder with the published files.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder to write profiles to; it is made if it is not there. Profiles of the same name in
    /// it are replaced.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

impl ImportFineweb2 {
    pub fn call(&self) -> Result<(), Failure> {
        let files = import_fineweb2(&self.folder).map_err(|error| match error {
            ProfileError::Empty { .. } => Failure::usage(error.to_string()),
            _ => Failure::failed(error.to_string()),
        })?;
        let unwritable = |path: &std::path::Path, error: std::io::Error| {
            Failure::failed(format!("can't write {}: {error}", path.display()))
        };
        std::fs::create_dir_all(&self.output).map_err(|error| unwritable(&self.output, error))?;
        let (mut remarks, mut written, mut failed) = (String::new(), 0, 0);
        for file in files {
            let file = match file {
                Ok(file) => file,
                Err(error) => {
                    eprintln!("sapwood: {error}");
                    failed += 1;
                    continue;
                }
            };
            let head = format!(
                "Made by sapwood {} import-fineweb2 from {}.\nNull switches a rule off.",
                env!("CARGO_PKG_VERSION"),
                file.path.file_name().unwrap_or_default().to_string_lossy()
            );
            let path = self.output.join(format!("{}.yaml", file.profile.code()));
            let yaml = file.profile.to_commented_yaml(&head, &Default::default());
            std::fs::write(&path, yaml).map_err(|error| unwritable(&path, error))?;
            written += 1;
            for remark in file.remarks {
                let _ = writeln!(remarks, "  {}: {remark}", file.profile.code());
            }
        }
        let mut summary = format!(
            "wrote {} to {}\n",
            report::count(written, "profile", "profiles"),
            self.output.display()
        );
        if !remarks.is_empty() {
            let _ = write!(summary, "switched off, as no sensible value:\n{remarks}");
        }
        super::print(&summary)?;
        match failed {
            0 => Ok(()),
            failed => Err(Failure::failed(format!(
                "{} could not be imported",
                report::count(failed, "file", "files")
            ))),
        }
    }
}
