// Judges checkpoints, proofs and tiles with Go's own packages for transparency logs, those that verify
// Go's modules everywhere: sumdb/note and sumdb/tlog. Reads a case a line (JSON), answers a line each.
//
// What is ours here is only what C2SP writes another way than Go does: the three lines of a checkpoint,
// the lines of a receipt, and the paths of tiles, which have no height in them.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The height of tiles, in levels.
const height = 8

type testCase struct {
	Kind    string            `json:"kind"`
	Name    string            `json:"name"`
	Keys    []string          `json:"keys"`
	Note    []byte            `json:"note"`
	Receipt []byte            `json:"receipt"`
	Leaf    []byte            `json:"leaf"`
	Old     int64             `json:"old"`
	New     int64             `json:"new"`
	OldRoot []byte            `json:"old_root"`
	NewRoot []byte            `json:"new_root"`
	Hashes  [][]byte          `json:"hashes"`
	Tiles   map[string][]byte `json:"tiles"`
	Set     string            `json:"set"`
	Change  map[string][]byte `json:"change"`
}

// Sets of tiles that were told, by name.
var sets = map[string]map[string][]byte{}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return
		}
		if err != nil {
			broken(err)
		}
		var c testCase
		if err := json.Unmarshal(line, &c); err != nil {
			broken(err)
		}
		if c.Kind == "set" {
			sets[c.Name] = c.Tiles
			fmt.Fprintln(out, "set")
			continue
		}
		if err := judge(c); err != nil {
			fmt.Fprintln(out, "reject", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Fprintln(out, "accept")
		}
	}
}

// Nothing that could be taken for a verdict.
func broken(why interface{}) {
	fmt.Fprintln(os.Stderr, "judge:", why)
	os.Exit(2)
}

func judge(c testCase) error {
	switch c.Kind {
	case "checkpoint":
		_, err := checkpoint(c.Note, c.Keys)
		return err
	case "inclusion":
		return inclusion(c)
	case "consistency":
		return consistency(c)
	case "tile":
		return tiles(c)
	}
	broken("an unknown kind: " + c.Kind)
	return nil
}

func checkpoint(signed []byte, keys []string) (tlog.Tree, error) {
	var known []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			broken(err)
		}
		known = append(known, verifier)
	}
	opened, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return tlog.Tree{}, errors.New("not a checkpoint")
	}
	byTheLog := false
	for _, signature := range opened.Sigs {
		byTheLog = byTheLog || signature.Name == lines[0]
	}
	if !byTheLog {
		return tlog.Tree{}, errors.New("signed, but not by the log that it names")
	}
	size, err := decimal(lines[1])
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func decimal(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err == nil && (number < 0 || strconv.FormatInt(number, 10) != text) {
		err = errors.New("not a number as it is written")
	}
	return number, err
}

func inclusion(c testCase) error {
	cut := bytes.Index(c.Receipt, []byte("\n\n"))
	if cut < 0 {
		return errors.New("no empty line ends the proof")
	}
	lines := strings.Split(string(c.Receipt[:cut]), "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a receipt")
	}
	index, err := decimal(strings.TrimPrefix(lines[1], "index "))
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := checkpoint(c.Receipt[cut+2:], c.Keys)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(c.Leaf))
}

func hash(bytes []byte) (tlog.Hash, error) {
	var hash tlog.Hash
	if len(bytes) != tlog.HashSize {
		return hash, errors.New("not a hash")
	}
	copy(hash[:], bytes)
	return hash, nil
}

func consistency(c testCase) error {
	var proof tlog.TreeProof
	for _, bytes := range c.Hashes {
		hash, err := hash(bytes)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	before, err := hash(c.OldRoot)
	if err != nil {
		return err
	}
	after, err := hash(c.NewRoot)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, c.New, after, c.Old, before)
}

// A set of tiles with some of them changed; null is a tile that is gone.
type shelf struct{ set, change map[string][]byte }

func (s shelf) read(path string) ([]byte, error) {
	data, changed := s.change[path]
	if !changed {
		data = s.set[path]
	}
	if data == nil {
		return nil, errors.New("there is no " + path)
	}
	return data, nil
}

func (s shelf) Height() int                         { return height }
func (s shelf) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (s shelf) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := s.read(path(strconv.Itoa(tile.L), tile.N, tile.W))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func path(kind string, index int64, width int) string {
	number := fmt.Sprintf("%03d", index%1000)
	for rest := index / 1000; rest > 0; rest /= 1000 {
		number = fmt.Sprintf("x%03d/%s", rest%1000, number)
	}
	if width < 1<<height {
		number += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + kind + "/" + number
}

// Every leaf of the tree is read through its tiles, which are proven to lead to the root of the checkpoint;
// then every leaf of the bundles must have the hash that stands there.
func tiles(c testCase) error {
	tree, err := checkpoint(c.Note, c.Keys)
	if err != nil {
		return err
	}
	set, told := sets[c.Set]
	if !told {
		broken("a set that was not told: " + c.Set)
	}
	shelf := shelf{set, c.Change}
	reader := tlog.TileHashReader(tree, shelf)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("another root")
	}
	var indexes []int64
	for n := int64(0); n < tree.N; n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		bundle, err := shelf.read(path("entries", first>>height, int(width)))
		if err != nil {
			return err
		}
		if err := leaves(bundle, hashes[first:first+width]); err != nil {
			return err
		}
	}
	return nil
}

func leaves(bundle []byte, hashes []tlog.Hash) error {
	for _, hash := range hashes {
		if len(bundle) < 2 {
			return errors.New("a bundle is too short")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		bundle = bundle[2:]
		if len(bundle) < length {
			return errors.New("a bundle is too short")
		}
		if tlog.RecordHash(bundle[:length]) != hash {
			return errors.New("a leaf has another hash")
		}
		bundle = bundle[length:]
	}
	if len(bundle) != 0 {
		return errors.New("a bundle is too long")
	}
	return nil
}
