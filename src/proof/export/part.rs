//! The tree over a part of a log: between what lies left and right of it.

use mfa_ledger_base::tlog::tree::between;
use mfa_ledger_base::tlog::{Frontier, Hash};

use super::{ExportError, Header};
use crate::integrity::{Bad, Examined, Kind, Remembered, Tampered};

/// The source of what the export itself brings along.
const OWN: &str = "the checkpoint in the export";

/// A part that grows record by record. Its memory does not grow with it.
pub(super) struct Part {
    header: Header,
    tree: Frontier,
    /// By size, each with the root that was found there.
    remembered: Vec<(Remembered, Option<Hash>)>,
    fault: Option<(u64, Kind, String)>,
}

impl Part {
    /// Before its first record.
    pub fn new(header: &Header, remembered: Vec<Remembered>) -> Result<Self, ExportError> {
        let Header { from, to, .. } = *header;
        let own = Remembered { source: OWN.to_owned(), checkpoint: header.signed.checkpoint.clone() };
        for it in &remembered {
            let size = it.checkpoint.size;
            let shown = (from - 1..=to).contains(&size) || size >= own.checkpoint.size;
            if !shown {
                let held = it.source.clone();
                return Err(ExportError::NotComparable { held, size, from, to });
            }
        }
        let mut remembered: Vec<_> = remembered.into_iter().chain([own]).map(|it| (it, None)).collect();
        remembered.sort_by_key(|(it, _)| it.checkpoint.size);
        let tree = Frontier::from_roots(from - 1, &header.left);
        let tree =
            tree.ok_or_else(|| ExportError::header("the hashes left of its records are not enough"))?;
        let mut part = Self { header: header.clone(), tree, remembered, fault: None };
        part.reach();
        Ok(part)
    }

    /// The next record.
    pub fn add(&mut self, position: u64, examined: Examined) {
        if let Some((kind, why)) = examined.fault {
            self.fault.get_or_insert((position, kind, why));
        }
        self.tree.push(examined.hash);
        self.reach();
    }

    fn reach(&mut self) {
        let size = self.tree.size();
        for (it, found) in &mut self.remembered {
            if it.checkpoint.size == size && found.is_none() {
                *found = self.tree.root();
            }
        }
    }

    /// The first record that is none, where there is one.
    pub fn fault(&mut self) -> Option<Tampered> {
        let seen = self.seen();
        self.fault.take().map(|(position, kind, why)| Tampered::at(kind, Bad::At(position), seen, why))
    }

    fn seen(&self) -> u64 {
        self.tree.size() + 1 - self.header.from
    }

    /// Whether all of it is what was signed for; the root.
    pub fn judge(mut self) -> Result<Hash, Tampered> {
        let (seen, size) = (self.seen(), self.header.signed.checkpoint.size);
        let nodes = between(self.header.to, size);
        let fits =
            nodes.into_iter().zip(&self.header.right).all(|(node, hash)| self.tree.push_node(node, *hash));
        let root = self.tree.root().filter(|_| fits && self.tree.size() == size);
        self.reach();
        let fault = self.fault();
        let wrong = self.remembered.iter().position(|(it, found)| *found != Some(it.checkpoint.root));
        let outside = wrong.map(|index| self.contradicted(index, seen));
        match (outside, fault, root) {
            (None, None, Some(root)) => Ok(root),
            (Some(outside), Some(inside), _) => {
                let Tampered { against, claimed, root, .. } = outside;
                Err(Tampered { against, claimed, root, ..inside })
            }
            (Some(tampered), None, _) | (None, Some(tampered), _) => Err(tampered),
            (None, None, None) => Err(Tampered::at(
                Kind::Damaged,
                Bad::Nowhere,
                seen,
                "the hashes beside its records do not fit",
            )),
        }
    }

    fn contradicted(&self, index: usize, seen: u64) -> Tampered {
        let (it, found) = &self.remembered[index];
        let before = self.remembered[..index].iter().map(|(before, _)| before.checkpoint.size);
        let fits = before.filter(|size| *size < it.checkpoint.size).max().unwrap_or(0);
        let (kind, bad, detail) = if found.is_none() {
            let last = self.header.signed.checkpoint.size;
            (Kind::Shorter, Bad::At(last.saturating_add(1)), None)
        } else {
            let first = fits.max(self.header.from - 1) + 1;
            let last = it.checkpoint.size.min(self.header.to);
            let bad = if first < last { Bad::Within { first, last } } else { Bad::At(last) };
            let beside = "a record, or a hash beside them, is another";
            (Kind::OtherRoot, bad, (!self.header.is_whole()).then(|| beside.to_owned()))
        };
        Tampered {
            kind,
            bad,
            against: Some(it.source.clone()),
            claimed: Some(it.checkpoint.clone()),
            size: seen,
            root: *found,
            detail,
        }
    }
}
