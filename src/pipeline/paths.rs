//! Where the files that a pipeline names are looked for.

use std::path::{Path, PathBuf};

/// Finds the files that a pipeline file names.
///
/// A relative path is looked for in the current directory, then beside the pipeline file, then one
/// folder above it: so `pipelines/roots.yaml` finds `models/lid.176.ftz` of its own project from
/// wherever it is called.
#[derive(Debug, Clone, Default)]
pub struct Resolver {
    folders: Vec<PathBuf>,
}

impl Resolver {
    /// A resolver for a pipeline file.
    pub fn for_file(file: &Path) -> Self {
        let mut folders = vec![PathBuf::new()];
        let folder = file.parent().unwrap_or(Path::new(""));
        folders.push(folder.to_owned());
        match folder.file_name() {
            Some(_) => folders.push(folder.parent().unwrap_or(Path::new("")).to_owned()),
            // `roots.yaml` in the current directory: the folder above is `..`.
            None => folders.push(folder.join("..")),
        }
        folders.dedup();
        Self { folders }
    }

    /// The first place where a path exists; the path itself if there is none, for the error message.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        if path.is_absolute() {
            return path.to_owned();
        }
        self.folders
            .iter()
            .map(|folder| folder.join(path))
            .find(|candidate| candidate.exists())
            .unwrap_or_else(|| path.to_owned())
    }

    /// As [`resolve`](Resolver::resolve), for a pattern: the first place where it matches anything.
    pub fn resolve_pattern(&self, path: &Path) -> PathBuf {
        if path.is_absolute() || !path.to_string_lossy().contains(['*', '?', '[']) {
            return self.resolve(path);
        }
        let matches = |pattern: &PathBuf| {
            glob::glob(&pattern.to_string_lossy()).is_ok_and(|mut found| found.next().is_some())
        };
        self.folders
            .iter()
            .map(|folder| folder.join(path))
            .find(matches)
            .unwrap_or_else(|| path.to_owned())
    }

    /// The folders that are looked in, for messages.
    pub fn places(&self) -> Vec<String> {
        self.folders
            .iter()
            .map(|folder| match folder.as_os_str().is_empty() {
                true => "the current directory".to_owned(),
                false => folder.display().to_string(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_beside_the_folder_of_the_pipeline() {
        let folder = tempfile::tempdir().unwrap();
        let (pipelines, models) = (folder.path().join("pipelines"), folder.path().join("weights"));
        std::fs::create_dir_all(&pipelines).unwrap();
        std::fs::create_dir_all(&models).unwrap();
        std::fs::write(models.join("m.ftz"), b"x").unwrap();
        let resolver = Resolver::for_file(&pipelines.join("roots.yaml"));
        assert_eq!(
            resolver.resolve(Path::new("weights/m.ftz")),
            folder.path().join("weights/m.ftz")
        );
        assert_eq!(resolver.resolve_pattern(Path::new("weights/*.ftz")), models.join("*.ftz"));
        assert_eq!(resolver.resolve(Path::new("no/such")), Path::new("no/such"));
    }
}
