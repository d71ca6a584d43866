//! Counts steps in tests, so that the time a text takes can be held against its length without a
//! clock. In a build without tests it is nothing.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// So many bytes were looked at, or candidates tried.
#[inline(always)]
pub(super) fn count(steps: usize) {
    #[cfg(test)]
    STEPS.with(|all| all.set(all.get() + steps as u64));
    #[cfg(not(test))]
    let _ = steps;
}

/// How many steps were counted since this was last asked.
#[cfg(test)]
pub(super) fn take() -> u64 {
    STEPS.with(|all| all.replace(0))
}
