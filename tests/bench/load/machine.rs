//! What it was measured on, and how busy that was: figures of a busy machine say little.

use crate::Outcome;

pub struct Machine {
    cores: usize,
    processor: String,
    kernel: String,
    load_before: String,
}

impl Machine {
    pub fn look() -> Outcome<Self> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
        let name = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: name.map_or_else(|| "a processor without a name".to_owned(), |(_, it)| it.to_owned()),
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load_before: load()?,
        })
    }

    /// In a sentence.
    pub fn told(&self, events: u64) -> String {
        let Self { cores, processor, kernel, load_before } = self;
        format!(
            "{cores} cores ({processor}), Linux {kernel}, load before it {load_before}; the long log has {events} events."
        )
    }
}

/// Of the last minute.
fn load() -> Outcome<String> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let (last_minute, _) = load.split_once(' ').ok_or("the load is not told")?;
    Ok(last_minute.to_owned())
}
