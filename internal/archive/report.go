package archive

import (
	"cmp"
	"hash/fnv"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Format is a kind of export. It is stored in the database.
type Format string

// The kinds of exports that are read.
const (
	Mastodon  Format = "mastodon"
	Bluesky   Format = "bluesky"
	Facebook  Format = "facebook"
	Instagram Format = "instagram"
	X         Format = "x"
	WhatsApp  Format = "whatsapp"
	Telegram  Format = "telegram"
	Google    Format = "google"
	LinkedIn  Format = "linkedin"
	YouTube   Format = "youtube"
	WordPress Format = "wordpress"
	Disqus    Format = "disqus"
	Site      Format = "site"
	Mbox      Format = "mbox"
	Table     Format = "table"
	Lines     Format = "lines"
)

// Account is whose export it is.
type Account struct {
	Network   network.Name
	ServerURL string
	network.Account
}

// Report says what is in an export.
type Report struct {
	Format   Format
	Account  Account
	Digest   string // SHA-256 of what was read, in hexadecimal
	Items    int
	Mine     int
	Kinds    []KindCount
	From, To time.Time // zero: there is nothing
	People   int       // other people's accounts
	Names    []string  // some of the names in it, where Account is not told by the export
	Unread   []Unread  // what was not understood, or is not brought in, the most first
}

// KindCount is how many things of a kind there are.
type KindCount struct {
	Kind  network.ItemKind
	Count int
}

// Unread is a kind of thing in an export that is not brought in, with the place of the first one.
type Unread struct {
	Kind   UnreadKind
	Detail string // the end of a file's name, a platform's own word
	Count  int
	File   string
	Line   int // 0: the whole file
}

// UnreadKind says why something is not brought in.
type UnreadKind string

// The kinds of things that are not brought in.
const (
	UnreadFile   UnreadKind = "file"   // a file that holds nothing we read; Detail: what its name ends in
	UnreadLink   UnreadKind = "link"   // an entry that points elsewhere: never followed
	UnreadShare  UnreadKind = "share"  // somebody else's words, passed on
	UnreadNotice UnreadKind = "notice" // what the platform wrote by itself; Detail: its word for it
	UnreadMedia  UnreadKind = "media"  // a picture, film or sound; the words around it are brought in
	UnreadShape  UnreadKind = "shape"  // not in the form that is known
	UnreadTime   UnreadKind = "time"   // without a moment that can be read
	UnreadEmpty  UnreadKind = "empty"  // without words and without anything else
	UnreadRecord UnreadKind = "record" // a sort of record that is none of what people say; Detail: its name
	UnreadColumn UnreadKind = "column" // of a table; Detail: its name
)

// mostDetails bounds the different things that are told apart.
const mostDetails = 200

type unreadKey struct {
	kind   UnreadKind
	detail string
}

// tally makes a report while things pass.
type tally struct {
	report Report
	kinds  map[network.ItemKind]int
	people map[uint64]struct{}
	unread map[unreadKey]*Unread
}

func newTally() *tally {
	return &tally{kinds: map[network.ItemKind]int{}, people: map[uint64]struct{}{}, unread: map[unreadKey]*Unread{}}
}

func (t *tally) skip(kind UnreadKind, detail, file string, line int) {
	k := unreadKey{kind, detail}
	if t.unread[k] == nil && len(t.unread) >= mostDetails {
		k.detail = ""
	}
	if u := t.unread[k]; u != nil {
		u.Count++
		return
	}
	t.unread[k] = &Unread{Kind: kind, Detail: k.detail, Count: 1, File: file, Line: line}
}

func (t *tally) add(it *network.Item) {
	r := &t.report
	r.Items++
	t.kinds[it.Kind]++
	if it.Mine {
		r.Mine++
	} else {
		h := fnv.New64a()
		_, _ = h.Write([]byte(it.Author.RemoteID))
		t.people[h.Sum64()] = struct{}{}
	}
	if r.From.IsZero() || it.At.Before(r.From) {
		r.From = it.At
	}
	if it.At.After(r.To) {
		r.To = it.At
	}
}

// name remembers one of the people in an export, in case we must ask which of them is the company.
func (t *tally) name(s string) {
	if s = strings.TrimSpace(s); s != "" && len(t.report.Names) < 12 && !slices.Contains(t.report.Names, s) {
		t.report.Names = append(t.report.Names, s)
	}
}

func (t *tally) done() Report {
	r := t.report
	r.People = len(t.people)
	for k, n := range t.kinds {
		r.Kinds = append(r.Kinds, KindCount{k, n})
	}
	slices.SortFunc(r.Kinds, func(a, b KindCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Kind, b.Kind)) })
	for _, u := range t.unread {
		r.Unread = append(r.Unread, *u)
	}
	slices.SortFunc(r.Unread, func(a, b Unread) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Detail, b.Detail))
	})
	return r
}

// ending is what the name of a file ends in, for counting files that are not read.
func ending(name string) string {
	e := strings.ToLower(path.Ext(name))
	if e == "" || len(e) > 12 {
		return path.Base(shown(name))
	}
	if e == ".json" || e == ".js" || e == ".csv" { // these tell more by their whole name
		return path.Base(shown(name))
	}
	return e
}
