//! What a medium holds after the loss of power, by the least that POSIX promises: content that was synced
//! is there, names in a directory that was synced are there. Everything else is there or not as chance
//! has it: writes are dropped, kept, torn at a sector or a page, or arrive in another order; so are
//! creations, renamings and removals.
//!
//! A real file system is kinder. A test that passes here does not rest on the kindness of one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mfa_ledger::disk::Act;

use crate::support::draws::Draws;
use crate::support::grep;

/// A directory, as it is on the medium and as processes see it.
pub struct Medium {
    root: PathBuf,
    nodes: Vec<Node>,
    /// What processes see.
    seen: Names,
    /// What is on the medium for certain.
    durable: Names,
    /// Changes of names that no sync has followed yet.
    unsynced: Vec<Renaming>,
}

type Names = BTreeMap<PathBuf, usize>;

enum Node {
    Dir,
    File { durable: Vec<u8>, unsynced: Vec<Change> },
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    SetLen(usize),
}

/// Names that come or go together.
struct Renaming {
    dir: PathBuf,
    changes: Vec<(PathBuf, Option<usize>)>,
}

/// What is found after the power is back.
pub struct Image(BTreeMap<PathBuf, Option<Vec<u8>>>);

impl Medium {
    /// A directory all of which is durable. What lies below `sled` is none of our business: it does its
    /// own I/O.
    pub fn of(root: &Path) -> Self {
        let mut medium = Self {
            root: root.into(),
            nodes: Vec::new(),
            seen: Names::new(),
            durable: Names::new(),
            unsynced: Vec::new(),
        };
        for file in grep::files(root) {
            let Some(name) = medium.ours(&file) else { continue };
            for dir in name.ancestors().skip(1).filter(|dir| *dir != Path::new("")) {
                if !medium.seen.contains_key(dir) {
                    medium.nodes.push(Node::Dir);
                    medium.seen.insert(dir.into(), medium.nodes.len() - 1);
                }
            }
            let durable = std::fs::read(&file).expect("the file can be read");
            medium.nodes.push(Node::File { durable, unsynced: Vec::new() });
            medium.seen.insert(name, medium.nodes.len() - 1);
        }
        medium.durable = medium.seen.clone();
        medium
    }

    /// A sync has failed, and the system takes what was to be synced for clean: no later sync brings it to the medium,
    /// while processes still see it. Linux does so.
    pub fn forget(&mut self, act: &Act) {
        let (Act::Sync(path), Some(name)) = (act, self.ours(act.path())) else { return };
        match self.node(&name) {
            Some(Node::File { unsynced, .. }) => {
                unsynced.retain(|change| matches!(change, Change::SetLen(_)));
            }
            _ => panic!("{} is synced and was never made", path.display()),
        }
    }

    /// The name of a path below the root, if it is one that is followed.
    fn ours(&self, path: &Path) -> Option<PathBuf> {
        let name = path.strip_prefix(&self.root).ok()?;
        let foreign = name.iter().any(|part| part.to_string_lossy().starts_with("sled"));
        (!foreign).then(|| name.to_owned())
    }

    /// Something is done to it.
    pub fn play(&mut self, act: &Act) {
        let Some(name) = self.ours(act.path()) else { return };
        match act {
            Act::CreateDir(_) => self.appears(name, Node::Dir),
            Act::Create(_) => self.appears(name, Node::File { durable: Vec::new(), unsynced: Vec::new() }),
            Act::Write { offset, bytes, .. } => {
                self.changes(&name, Change::Write(at(*offset), bytes.clone()));
            }
            Act::SetLen { len, .. } => self.changes(&name, Change::SetLen(at(*len))),
            Act::Sync(_) => {
                if let Some(Node::File { durable, unsynced }) = self.node(&name) {
                    unsynced.drain(..).for_each(|change| change.apply(durable));
                }
            }
            Act::Rename { to, .. } => {
                let to = self.ours(to).expect("what is ours stays ours");
                let node = self.seen.remove(&name);
                assert!(node.is_some(), "{} is renamed and was never made", name.display());
                self.renamed(vec![(name, None), (to, node)]);
            }
            Act::Remove(_) => self.renamed(vec![(name, None)]),
            Act::RemoveDir(_) => unreachable!("nobody removes a directory of ours"),
            Act::SyncDir(_) => {
                let (now, later) =
                    std::mem::take(&mut self.unsynced).into_iter().partition(|it| it.dir == name);
                self.unsynced = later;
                let now: Vec<Renaming> = now;
                for renaming in now {
                    renaming.apply(&mut self.durable);
                }
            }
        }
    }

    /// The power goes.
    pub fn cut(&self, draws: &Draws) -> Image {
        let mut names = self.durable.clone();
        let keeps = [0, 1, 2][draws.index(3)];
        for renaming in &self.unsynced {
            if keeps == 1 || keeps == 2 && draws.coin() {
                renaming.apply(&mut names);
            }
        }
        let mut image = BTreeMap::new();
        for (name, node) in &names {
            // Whoever lies in a directory that is gone is gone.
            let above = name.ancestors().skip(1).filter(|dir| *dir != Path::new(""));
            if above.into_iter().all(|dir| names.contains_key(dir)) {
                image.insert(name.clone(), self.nodes[*node].after_cut(draws));
            }
        }
        Image(image)
    }

    fn appears(&mut self, name: PathBuf, node: Node) {
        self.nodes.push(node);
        self.renamed(vec![(name, Some(self.nodes.len() - 1))]);
    }

    fn renamed(&mut self, changes: Vec<(PathBuf, Option<usize>)>) {
        let dir = changes[0].0.parent().expect("a name is in a directory").to_owned();
        let renaming = Renaming { dir, changes };
        renaming.apply(&mut self.seen);
        self.unsynced.push(renaming);
    }

    fn changes(&mut self, name: &Path, change: Change) {
        match self.node(name) {
            Some(Node::File { unsynced, .. }) => unsynced.push(change),
            _ => panic!("{} is written and was never made", name.display()),
        }
    }

    fn node(&mut self, name: &Path) -> Option<&mut Node> {
        self.seen.get(name).map(|node| &mut self.nodes[*node])
    }
}

impl Image {
    /// Lays it out in a directory.
    pub fn lay_out(&self, dir: &Path) {
        for (name, content) in &self.0 {
            match content {
                None => std::fs::create_dir_all(dir.join(name)).expect("a directory can be made"),
                Some(content) => std::fs::write(dir.join(name), content).expect("a file can be written"),
            }
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The content of a file.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.0.get(Path::new(name))?.as_deref()
    }
}

impl Renaming {
    fn apply(&self, names: &mut Names) {
        for (name, node) in &self.changes {
            match node {
                Some(node) => names.insert(name.clone(), *node),
                None => names.remove(name),
            };
        }
    }
}

impl Node {
    fn after_cut(&self, draws: &Draws) -> Option<Vec<u8>> {
        let Self::File { durable, unsynced } = self else { return None };
        let mut content = durable.clone();
        let page = *draws.pick(&[512, 4096]);
        let mut parts: Vec<Change> = unsynced.iter().flat_map(|change| change.parts(page)).collect();
        match draws.below(5) {
            0 => parts.clear(),
            1 => {}
            2 => parts.truncate(draws.index(parts.len() + 1)),
            3 => parts.retain(|_| draws.coin()),
            _ => {
                draws.shuffle(&mut parts);
                parts.truncate(draws.index(parts.len() + 1));
            }
        }
        for part in parts {
            part.apply(&mut content);
        }
        Some(content)
    }
}

impl Change {
    fn apply(self, content: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => {
                let end = offset + bytes.len();
                content.resize(content.len().max(end), 0);
                content[offset..end].copy_from_slice(&bytes);
            }
            Self::SetLen(len) => content.resize(len, 0),
        }
    }

    /// What reaches the medium by itself.
    fn parts(&self, page: usize) -> Vec<Self> {
        let Self::Write(offset, bytes) = self else { return vec![self.clone()] };
        let (mut offset, mut rest, mut parts) = (*offset, bytes.as_slice(), Vec::new());
        while !rest.is_empty() {
            let (part, more) = rest.split_at(rest.len().min(page - offset % page));
            parts.push(Self::Write(offset, part.to_vec()));
            offset += part.len();
            rest = more;
        }
        parts
    }
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).expect("files of tests are small")
}

/// The model must lose what may be lost, and nothing else.
mod loses {
    use mfa_ledger::disk::Disk;

    use super::*;
    use crate::support::ram;

    /// What became of the file `name` in many cuts after these steps.
    fn outcomes(name: &str, life: impl FnOnce(&Path, &Disk)) -> Vec<Option<Vec<u8>>> {
        let dir = ram::dir();
        std::fs::write(dir.path().join("old"), b"old").unwrap();
        let mut medium = Medium::of(dir.path());
        let (disk, faults) = Disk::recorded();
        life(dir.path(), &disk);
        faults.steps().iter().for_each(|step| medium.play(&step.act));
        let mut outcomes: Vec<_> =
            (0..200).map(|seed| medium.cut(&Draws::new(seed)).file(name).map(<[u8]>::to_vec)).collect();
        outcomes.sort();
        outcomes.dedup();
        outcomes
    }

    #[test]
    fn nothing_that_was_synced() {
        let found = outcomes("new", |dir, disk| {
            let file = disk.create_new(&dir.join("new")).unwrap();
            file.write_all_at(b"content", 0).unwrap();
            file.sync_data().unwrap();
            disk.sync_dir(dir).unwrap();
        });
        assert_eq!(found, [Some(b"content".to_vec())]);
    }

    #[test]
    fn names_whose_directory_was_not_synced() {
        let found = outcomes("new", |dir, disk| {
            let file = disk.create_new(&dir.join("new")).unwrap();
            file.write_all_at(b"content", 0).unwrap();
            file.sync_data().unwrap();
        });
        assert_eq!(found, [None, Some(b"content".to_vec())]);
        let found = outcomes("old", |dir, disk| disk.rename(&dir.join("old"), &dir.join("new")).unwrap());
        assert_eq!(found, [None, Some(b"old".to_vec())]);
    }

    #[test]
    fn pages_that_were_not_synced() {
        let found = outcomes("old", |dir, disk| {
            let file = disk.open(&dir.join("old")).unwrap();
            file.write_all_at(&[1; 8192], 0).unwrap();
            file.set_len(8000).unwrap();
        });
        assert!(found.contains(&Some(b"old".to_vec())), "all of it");
        assert!(found.contains(&Some(vec![1; 8000])), "nothing");
        let torn = found.iter().flatten().filter(|it| it.contains(&0) && it.contains(&1));
        assert!(torn.count() > 10, "some");
    }

    #[test]
    fn what_lies_in_a_directory_that_is_lost() {
        let dir = ram::dir();
        let mut medium = Medium::of(dir.path());
        let (below, file) = (dir.path().join("below"), dir.path().join("below/new"));
        let acts =
            [Act::CreateDir(below.clone()), Act::Create(file.clone()), Act::Sync(file), Act::SyncDir(below)];
        for act in acts {
            medium.play(&act);
        }
        let cuts: Vec<_> = (0..20).map(|seed| medium.cut(&Draws::new(seed))).collect();
        assert!(
            cuts.iter().any(Image::is_empty) && cuts.iter().any(|image| image.file("below/new").is_some())
        );
        assert!(cuts.iter().all(|image| image.is_empty() || image.file("below/new").is_some()));
        medium.play(&Act::SyncDir(dir.path().into()));
        assert!((0..20).all(|seed| medium.cut(&Draws::new(seed)).file("below/new").is_some()));
    }
}
