package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/ponte-desk/ponte/internal/network"
)

// Options shape how an export is read.
type Options struct {
	// Me is the company in the export: a name, a handle or an id, for exports that do not tell whose they are.
	Me string
	// Network is what a table or lines come from, a short word; "" is "file".
	Network string
	// Zone is where the clocks hung, for exports that write moments without one; nil: UTC.
	Zone *time.Location
	// Columns says which column of a table of somebody else's making holds what: from our names to theirs.
	Columns map[string]string
	Limits  Limits // zero: Usual()

	found func(Report) // is told now and then what was found so far; nil: nobody is
}

// scan is one reading of an export.
type scan struct {
	Options
	me    Account
	known map[string]bool          // entries that the format was recognised by, whatever they are called
	emit  func(network.Item) error // nil: only counted
	tally *tally
	seen  int // things since the last word of what was found
}

// sayEvery is how many things pass between two words of what was found.
const sayEvery = 2000

// say tells what was found so far, now and then.
func (s *scan) say() {
	if s.found == nil {
		return
	}
	if s.seen++; s.seen%sayEvery == 1 {
		r := s.tally.done()
		r.Account = s.me
		s.found(r)
	}
}

// reader knows one format.
type reader interface {
	// learns says which files tell whose export it is and what else must be known before the rest; learn reads them.
	learns(name string) bool
	learn(f file) error
	// reads says which files hold what people said; read reads them.
	reads(name string) bool
	read(f file) error
}

// put hands on what was read.
func (s *scan) put(it network.Item, f file, line int) error {
	if !network.Sane(it.At) {
		return s.skip(UnreadTime, "", f, line)
	}
	if it.Kind.Speaks() && strings.TrimSpace(it.Text) == "" && len(it.Media) == 0 && it.Stars == 0 && it.Warning == "" {
		return s.skip(UnreadEmpty, "", f, line)
	}
	if it.Visibility == "" {
		it.Visibility = network.Public
	}
	if it.Mine {
		it.Author = network.Author{RemoteID: s.me.RemoteID, Handle: s.me.Handle, Name: s.me.Name, URL: s.me.URL, AvatarURL: s.me.AvatarURL}
	}
	it.At = it.At.UTC()
	if it.Version == "" {
		it.Version = mark(it.Text, it.Warning, string(it.Visibility), fmt.Sprint(it.Stars, it.EditedAt.UTC()))
	}
	s.tally.add(&it)
	s.say()
	if s.emit == nil {
		return nil
	}
	return s.emit(it)
}

// skip counts what is not understood and goes on.
func (s *scan) skip(kind UnreadKind, detail string, f file, line int) error {
	s.tally.skip(kind, detail, f.place, line)
	return nil
}

// mark makes a short sign of words: the same words, the same sign.
func mark(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// isMe tells whether a name or an id is the one that Options.Me says.
func (s *scan) isMe(names ...string) bool {
	for _, n := range names {
		if s.Me != "" && strings.EqualFold(strings.TrimPrefix(tidy(n), "@"), strings.TrimPrefix(tidy(s.Me), "@")) {
			return true
		}
	}
	return false
}

// tidy takes out of a name what nobody sees.
func tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u202f' || r == '\u00a0':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s))
}

// Survey reads an export without bringing anything in, and says what is in it. What is damaged or made to do harm is
// refused here, before anything is touched.
func Survey(ctx context.Context, paths []string, o Options) (Report, error) {
	src, form, o, err := prepare(ctx, paths, o)
	if err != nil {
		return Report{}, fmt.Errorf("archive.Survey: %w", err)
	}
	r, err := run(ctx, src, form, o, nil)
	if err != nil {
		return Report{}, fmt.Errorf("archive.Survey: %w", err)
	}
	return r, nil
}

func prepare(ctx context.Context, paths []string, o Options) (*source, form, Options, error) {
	if o.Limits == (Limits{}) {
		o.Limits = Usual()
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Network == "" {
		o.Network = "file"
	}
	if !networkName(o.Network) {
		return nil, form{}, o, ErrNetwork.With("network", o.Network)
	}
	src, err := openSource(paths, o.Limits)
	if err != nil {
		return nil, form{}, o, err
	}
	f, err := recognise(ctx, src, o)
	return src, f, o, err
}

// run reads everything once: first what must be known, then the rest. Entries come in the same order each time.
func run(ctx context.Context, src *source, form form, o Options, emit func(network.Item) error) (Report, error) {
	s := &scan{Options: o, emit: emit, tally: newTally(), known: form.claimed}
	s.me = Account{Network: form.network, ServerURL: form.server}
	s.tally.report.Format = form.format
	r := form.open(s)
	if err := src.each(ctx, r.learns, true, r.learn); err != nil {
		return Report{}, err
	}
	if s.me.RemoteID == "" && s.Me != "" && len(s.tally.report.Names) > 0 {
		return Report{}, ErrNobody.With("me", s.Me).With("names", strings.Join(s.tally.report.Names, ", "))
	}
	if s.me.RemoteID == "" && s.Me != "" {
		s.me.RemoteID, s.me.Handle, s.me.Name = "name:"+strings.ToLower(tidy(s.Me)), tidy(s.Me), tidy(s.Me)
	}
	sum := sha256.New()
	err := src.each(ctx, func(string) bool { return true }, true, func(f file) error {
		switch {
		case strings.HasSuffix(f.name, linkMark):
			return s.skip(UnreadLink, "", f, 0)
		case !r.reads(f.name):
			if !r.learns(f.name) {
				s.tally.skip(UnreadFile, ending(f.name), f.place, 0)
			}
			return nil
		}
		fmt.Fprintf(sum, "%q", f.name)
		f.r = io.TeeReader(f.r, sum)
		if err := r.read(f); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, f.r)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	s.tally.report.Format, s.tally.report.Account = form.format, s.me
	s.tally.report.Digest = hex.EncodeToString(sum.Sum(nil))
	return s.tally.done(), nil
}

// networkName tells whether a word can stand for where a table comes from.
func networkName(s string) bool {
	return len(s) <= 20 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
