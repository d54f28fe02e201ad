package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
)

// Options say what a record is checked against, and how much of it is read.
type Options struct {
	// VerifierKey is the key of the record from somewhere else than its own site; "" takes the site's, which proves less.
	VerifierKey string
	// SavedHead is a checkpoint of the record that was saved earlier, or its three lines alone; nil: none.
	SavedHead []byte
	// Now lets promises be remarked whose day has passed without a word; zero: nobody asks.
	Now time.Time
	// MaxLeaves is the longest record that is read. 0: ten million, which takes some two gigabytes of memory.
	MaxLeaves int64
	// Within is how long it may take. 0: two hours.
	Within time.Duration
	// Patience is how long is waited before head and figures are read again when they are not of one moment. 0: two seconds.
	Patience time.Duration
}

// ErrLarge says that a record has more leaves than are read.
var ErrLarge = fault.New(fault.Limited, "record.large")

// Verify reads a record from its first leaf to its last and checks everything: the signature of the head, every leaf and tile against it,
// the rules that the leaves obey, the published figures, and that it grew out of a head saved earlier. What does not hold is in the
// report. An error means that the record could not be read to its end; the report then says what was found until there.
func Verify(ctx context.Context, from Source, o Options) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.Within, 2*time.Hour))
	defer cancel()
	v := &verifier{from: from, o: o, memory: NewMemory(), promises: map[Handle]promised{}}
	if err := v.run(ctx); err != nil {
		return v.r, fmt.Errorf("record.Verify: %w", err)
	}
	return v.r, nil
}

// verifier is one check of one record.
type verifier struct {
	from Source
	o    Options
	r    Report

	savedOrigin string
	edge        merkle.Edge // from the leaves
	// fork is the edge from the hash tiles since they first said something else than a leaf; nil: they never did.
	fork     *merkle.Edge
	odd      []oddLeaf
	oddMore  int
	tiles    []oddTile
	breaches []breach // since there is a fork
	unread   int64    // leaves that could not be read, so that no figures follow
	tally    Tally
	memory   Memory
	promises map[Handle]promised // open ones
	atPublic *Figures            // the figures when the record was as long as the published ones say
}

// oddLeaf is a leaf that hashes to something else than its hash tile says.
type oddLeaf struct {
	leaf  int64
	moved int64 // the leaf as which the tile knows it; -1: none nearby
}

// oddTile is a tile above the leaves that differs from what follows from the leaves, or from the tiles below it.
type oddTile struct {
	level        int
	n            int64
	edge, fork   bool
	missing      bool
	first, after int64 // the leaves below it
}

// breach is a leaf that breaks a rule, if it is the one that was signed.
type breach struct {
	leaf    int64
	rule    Rule
	subject Handle
}

type promised struct {
	leaf int64
	due  time.Time
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.key(ctx); err != nil {
		return err
	}
	if err := v.saved(); err != nil {
		return err
	}
	ok, err := v.heads(ctx)
	if err != nil || !ok {
		return err
	}
	if most := cmp.Or(v.o.MaxLeaves, 10_000_000); v.r.Head.Size > most {
		return ErrLarge.With("size", v.r.Head.Size).With("most", most)
	}
	v.past(0)
	v.published(0)
	whole, err := v.leaves(ctx)
	v.r.Figures, v.r.Last = v.tally.Figures(), v.tally.Last()
	if err != nil {
		return err
	}
	if whole {
		if err := v.partial(ctx); err != nil {
			return err
		}
	}
	v.judge(whole)
	v.figures()
	v.silent()
	return nil
}

// key finds the key to check with.
func (v *verifier) key(ctx context.Context) error {
	if v.r.Key = strings.TrimSpace(v.o.VerifierKey); v.r.Key != "" {
		v.r.KeyGiven = true
		_, err := merkle.KeyName(v.r.Key)
		return err
	}
	b, err := v.from.Get(ctx, KeyPath, 1024)
	if err = v.part(err); err != nil {
		return err
	}
	v.r.Key = strings.TrimSpace(string(b))
	if _, err := merkle.KeyName(v.r.Key); err != nil {
		v.r.Key = ""
		v.r.wrong("record.finding.no_key", -1)
		return nil
	}
	v.r.remark("record.finding.key_of_site", -1)
	return nil
}

// part passes over errors that say something of the record; what is left means that it cannot be read.
func (v *verifier) part(err error) error {
	if errors.Is(err, ErrMissing) || errors.Is(err, ErrLong) {
		return nil
	}
	return err
}

// saved reads the head that was saved earlier.
func (v *verifier) saved() error {
	if v.o.SavedHead == nil {
		return nil
	}
	text := v.o.SavedHead
	if !bytes.HasSuffix(text, []byte("\n")) {
		text = append(bytes.Clone(text), '\n')
	}
	origin, head, err := merkle.Parse(text)
	if err != nil {
		return err
	}
	v.savedOrigin, v.r.Saved = origin, &head
	return nil
}

// heads reads head and figures, of one moment if that can be had. ok is false when there is no head to go on with.
func (v *verifier) heads(ctx context.Context) (ok bool, err error) {
	var said error
	for try := 1; ; try++ {
		v.r.Checkpoint, err = v.from.Get(ctx, CheckpointPath, merkle.MaxCheckpoint)
		if err != nil {
			return false, err
		}
		v.r.Origin, v.r.Head, err = merkle.Parse(v.r.Checkpoint)
		if err != nil {
			v.r.wrong("record.finding.checkpoint", -1)
			return false, nil
		}
		var b []byte
		b, said = v.from.Get(ctx, FiguresPath, MaxFigures)
		if err := v.part(said); err != nil {
			return false, err
		}
		v.r.Public = nil
		if said == nil {
			p, err := ParseFigures(b)
			if said = err; err == nil {
				v.r.Public = &p
			}
		}
		if _, still := v.from.(folder); still || try == 3 || v.r.Public == nil || v.r.Public.Head.Size == v.r.Head.Size {
			break
		}
		t := time.NewTimer(cmp.Or(v.o.Patience, 2*time.Second))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return false, ErrUnreachable.Because(ctx.Err())
		}
	}
	if v.r.Key != "" {
		v.signature()
	}
	switch p := v.r.Public; {
	case errors.Is(said, ErrMissing):
		v.r.wrong("record.finding.figures_missing", -1)
	case p == nil:
		v.r.wrong("record.finding.figures_form", -1)
	case p.Origin != v.r.Origin:
		v.r.wrong("record.finding.figures_origin", -1, "origin", p.Origin)
	case p.Head.Size < v.r.Head.Size:
		v.r.wrong("record.finding.figures_behind", p.Head.Size, "count", v.r.Head.Size-p.Head.Size)
	case p.Head.Size > v.r.Head.Size:
		v.r.wrong("record.finding.figures_ahead", -1, "said", p.Head.Size, "size", v.r.Head.Size)
	}
	v.history()
	return true, nil
}

func (v *verifier) signature() {
	_, err := merkle.Open(v.r.Checkpoint, v.r.Key)
	if v.r.Signed = err == nil; v.r.Signed {
		return
	}
	if name, _ := merkle.KeyName(v.r.Key); name != v.r.Origin {
		v.r.wrong("record.finding.other_key", -1, "key", name, "origin", v.r.Origin)
		return
	}
	v.r.wrong("record.finding.signature", -1)
}

// history compares with the head saved earlier as far as that needs no leaves.
func (v *verifier) history() {
	s := v.r.Saved
	if s == nil {
		return
	}
	if v.savedOrigin != v.r.Origin {
		v.r.wrong("record.finding.other_record", -1, "saved", v.savedOrigin, "origin", v.r.Origin)
		v.r.Saved = nil
		return
	}
	if bytes.Contains(v.o.SavedHead, []byte("\n\n")) && v.r.Key != "" {
		if _, err := merkle.Open(v.o.SavedHead, v.r.Key); err != nil {
			v.r.wrong("record.finding.saved_key", -1)
		}
	}
	switch {
	case s.Size > v.r.Head.Size:
		v.r.wrong("record.finding.rolled_back", v.r.Head.Size, "saved", s.Size, "size", v.r.Head.Size)
	case s.Size == v.r.Head.Size && s.Root != v.r.Head.Root:
		v.r.wrong("record.finding.two_histories", -1, "size", s.Size)
	}
}

// past compares the record as it was at the size of the saved head, once it has been read so far.
func (v *verifier) past(size int64) {
	s := v.r.Saved
	if s == nil || s.Size != size || size >= v.r.Head.Size {
		return
	}
	// Where leaves and tiles differ, what agrees with the past is what was there then.
	if v.edge.Head() != *s && (v.fork == nil || v.fork.Head() != *s) {
		v.r.wrong("record.finding.two_histories", -1, "size", size)
	}
}

// published keeps the figures as they were at the size of the published ones.
func (v *verifier) published(size int64) {
	p := v.r.Public
	if p == nil || p.Head.Size != size || v.unread > 0 {
		return
	}
	f := v.tally.Figures()
	v.atPublic = &f
	if size < v.r.Head.Size && v.edge.Head().Root != p.Head.Root || size == v.r.Head.Size && v.r.Head.Root != p.Head.Root {
		v.r.wrong("record.finding.figures_root", -1, "size", size)
	}
}

// judge says who is right where leaves and tiles differ: the signed head decides.
func (v *verifier) judge(whole bool) {
	byLeaves := whole && v.edge.Head() == v.r.Head
	byTiles := whole && v.fork != nil && v.fork.Head() == v.r.Head
	for _, o := range v.odd {
		switch {
		case byLeaves: // the leaf is the one that was signed
			v.r.wrong("record.finding.tile", o.leaf, "level", 0, "number", o.leaf>>merkle.Height, "last", o.leaf)
		case o.moved >= 0:
			v.r.wrong("record.finding.leaf_moved", o.leaf, "place", o.moved)
		default:
			v.r.wrong("record.finding.leaf_altered", o.leaf)
		}
	}
	v.r.More += v.oddMore
	for _, b := range v.breaches {
		if byLeaves {
			v.r.wrong("record.rule."+string(b.rule), b.leaf, "subject", string(b.subject))
		}
	}
	for _, t := range v.tiles {
		if bad := !byTiles && t.edge || byTiles && t.fork; !bad {
			continue
		}
		key := "record.finding.tile"
		if t.missing {
			key = "record.finding.tile_missing"
		}
		v.r.wrong(key, t.first, "level", t.level, "number", t.n, "last", t.after-1)
	}
	if whole && !byLeaves && !byTiles {
		v.r.wrong("record.finding.root", -1, "size", v.r.Head.Size)
	}
}

// figures compares what is published with what follows from the leaves.
func (v *verifier) figures() {
	// What follows from leaves that nobody signed says nothing about the figures.
	if v.r.Public == nil || v.atPublic == nil || v.fork != nil && v.edge.Head() != v.r.Head {
		return
	}
	v.r.Against = v.atPublic
	said, counted := v.r.Public.Figures, *v.atPublic
	if !said.Since.Equal(counted.Since) {
		day := func(t time.Time) string {
			if t.IsZero() {
				return "-"
			}
			return t.Format(dayForm)
		}
		v.r.wrong("record.finding.since", -1, "said", day(said.Since), "counted", day(counted.Since))
	}
	other := counted.List()
	for i, f := range said.List() {
		if f.Value != other[i].Value {
			v.r.wrong("record.finding.figure", -1, "name", f.Name, "said", f.Value, "counted", other[i].Value)
		}
	}
}

// silent remarks promises of which the record says nothing two days after their day was over everywhere.
func (v *verifier) silent() {
	if v.o.Now.IsZero() {
		return
	}
	var late []Handle
	for h, p := range v.promises {
		if v.o.Now.After(p.due.Add(everywhere + 48*time.Hour)) {
			late = append(late, h)
		}
	}
	slices.SortFunc(late, func(a, b Handle) int { return cmp.Compare(v.promises[a].leaf, v.promises[b].leaf) })
	for _, h := range late {
		v.r.remark("record.finding.promise_silent", v.promises[h].leaf, "due", v.promises[h].due.Format(dayForm))
	}
}
