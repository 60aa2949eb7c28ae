//! What a bubble is made of: the ceilings of memory, processors, processes and disk.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The ceilings of a bubble. All sizes are in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The word by which people order it.
    pub name: String,
    /// Memory of all processes together, with the files in `/tmp` and `/dev/shm`.
    pub memory_bytes: u64,
    /// Processors, as a share of one: 0.5 is half of one.
    pub cpus: f64,
    /// Processes and threads together (a Spark session has 137 threads).
    pub tasks: u64,
    /// The project's volume, and the largest single file.
    pub disk_bytes: u64,
    /// Each of `/tmp` and `/dev/shm`, which live in memory.
    pub tmp_bytes: u64,
    /// Descriptors that one process may hold open.
    pub open_files: u64,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("profile `{name}`: {problem}")]
pub struct ProfileError {
    name: String,
    problem: &'static str,
}

impl Profile {
    /// One processor, 2 GiB of memory, 5 GiB of disk: a terminal with R or Python on a survey.
    pub fn small() -> Self {
        Self {
            name: "small".into(),
            memory_bytes: 2 * GIB,
            cpus: 1.0,
            tasks: 512,
            disk_bytes: 5 * GIB,
            tmp_bytes: 256 * MIB,
            open_files: 4096,
        }
    }

    /// Two processors, 8 GiB of memory, 20 GiB of disk; enough tasks for a local Spark.
    pub fn standard() -> Self {
        Self {
            name: "standard".into(),
            memory_bytes: 8 * GIB,
            cpus: 2.0,
            tasks: 2048,
            disk_bytes: 20 * GIB,
            tmp_bytes: GIB,
            open_files: 4096,
        }
    }

    /// The profiles that exist without any configuration.
    pub fn built_in() -> [Self; 2] {
        [Self::small(), Self::standard()]
    }

    /// The built-in profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::built_in().into_iter().find(|profile| profile.name == name)
    }

    /// Refuses ceilings under which nothing starts, or which are no ceilings.
    pub fn check(&self) -> Result<(), ProfileError> {
        let problem = match self {
            _ if self.memory_bytes < 64 * MIB => "memory_bytes is below 64 MiB",
            _ if !(self.cpus.is_finite() && self.cpus >= 0.01) => "cpus is below 0.01",
            _ if self.cpus > 4096.0 => "cpus is above 4096",
            _ if !(8..=1 << 20).contains(&self.tasks) => "tasks is not in 8 to 1,048,576",
            _ if self.disk_bytes < 8 * MIB => "disk_bytes is below 8 MiB",
            _ if !(MIB..=self.memory_bytes).contains(&self.tmp_bytes) => {
                "tmp_bytes is below 1 MiB or above memory_bytes"
            }
            _ if !(64..=1 << 20).contains(&self.open_files) => {
                "open_files is not in 64 to 1,048,576"
            }
            _ => return Ok(()),
        };
        Err(ProfileError { name: self.name.clone(), problem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profiles_pass_their_own_check_and_are_found_by_name() {
        for profile in Profile::built_in() {
            assert_eq!(profile.check(), Ok(()));
            assert_eq!(Profile::named(&profile.name), Some(profile));
        }
        assert_eq!(Profile::named("huge"), None);
    }

    #[test]
    fn a_profile_without_a_real_ceiling_is_refused() {
        let small = Profile::small();
        let wrong = [
            Profile { cpus: f64::NAN, ..small.clone() },
            Profile { cpus: 0.0, ..small.clone() },
            Profile { cpus: f64::INFINITY, ..small.clone() },
            Profile { memory_bytes: 0, ..small.clone() },
            Profile { tasks: 0, ..small.clone() },
            Profile { tasks: u64::MAX, ..small.clone() },
            Profile { tmp_bytes: u64::MAX, ..small.clone() },
            Profile { disk_bytes: 1, ..small.clone() },
        ];
        for profile in wrong {
            assert!(profile.check().is_err(), "{profile:?}");
        }
    }

    #[test]
    fn a_profile_survives_a_round_trip_through_json() {
        let text = serde_json::to_string(&Profile::standard()).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), Profile::standard());
    }
}
