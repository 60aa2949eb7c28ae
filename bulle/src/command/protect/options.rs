//! Which options go with which method of `bulle protect`.

use clap::ValueEnum as _;

use super::{Method, Protect};

impl Protect {
    /// Refuses options that the method would pass over: who gives one expects it to count.
    pub(super) fn check_options(&self) -> anyhow::Result<()> {
        use Method::{Recoding, Rounding, Suppression};
        let all: [(&str, bool, &[Method]); 10] = [
            ("--audit", self.audit.is_some(), &[Suppression]),
            ("--intervals", self.intervals.is_some(), &[Suppression]),
            ("--cost", self.cost.is_some(), &[Suppression]),
            ("--seed", self.seed.is_some(), &[Suppression]),
            ("--base", self.base.is_some(), &[Rounding]),
            ("--key", self.key.is_some(), &[Rounding]),
            ("--merges", self.merges.is_some(), &[Recoding]),
            ("--work", self.work.is_some(), &[Suppression, Rounding]),
            ("--singletons", self.singletons, &[Suppression, Rounding]),
            ("--write-jj", self.write_jj.is_some(), &[Suppression, Rounding]),
        ];
        let method = self.method.to_possible_value();
        let name = method.as_ref().map_or("", |value| value.get_name());
        for (option, given, methods) in all {
            if given && !methods.contains(&self.method) {
                anyhow::bail!("{option} would change nothing with --method {name}: leave it out");
            }
        }
        if self.method != Suppression && self.out.is_none() {
            anyhow::bail!("--method {name} needs --out");
        }
        Ok(())
    }
}
