package bluesky

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Lists are told newest first and paged backwards, and what is new may be placed below what is known: a post counts
// from the time its author's device gives it. So reading forward means reading from the head until well below the
// highest place known, and telling what has not been told before.
const (
	pageSize   = 100
	keepSeen   = 250                // things remembered as told
	overlap    = 5 * time.Minute    // how far below the highest known place every reading goes
	sweepEvery = 24 * time.Hour     // how often a reading goes deeper, for what was placed far below
	sweepDepth = 7 * 24 * time.Hour // how deep
	sweepPages = 20                 // and at most so many pages
	maxPages   = 20000              // of one reading: against a server that pages in circles
	seenLen    = 11                 // characters of one remembered thing
)

// cursor is where a channel's reading stands. It is given out as JSON and good for ever.
type cursor struct {
	Version  int       `json:"v"`
	Notified list      `json:"n"`
	Own      list      `json:"o"`
	HeadRead time.Time `json:"h"` // when both heads were last read
}

// list is where the reading of one list stands. Places are strings that sort like the list does.
type list struct {
	Begun bool      `json:"b,omitempty"`
	Top   string    `json:"t,omitempty"` // highest place known; all above the overlap below it has been told
	Seen  string    `json:"s,omitempty"` // hashes of what was told last, seenLen characters each, newest first
	Run   *run      `json:"r,omitempty"` // a reading from the head that has not come down to what is known
	Older string    `json:"p,omitempty"` // the server's cursor into the past
	Past  int       `json:"q,omitempty"` // pages of the past read
	Whole bool      `json:"w,omitempty"` // the past has been read to its end
	Swept time.Time `json:"d"`           // when a deep reading was last begun
}

// run is a reading from the head under way.
type run struct {
	Next  string `json:"c"`           // the server's cursor
	Top   string `json:"t"`           // highest place met
	Floor string `json:"f,omitempty"` // it goes at least below this; "": to the end
	Deep  string `json:"e,omitempty"` // and in a sweep below this, for as many pages as DeepN; "": no sweep
	DeepN int    `json:"k,omitempty"` // pages left for the sweep below Floor
	Left  int    `json:"l"`           // pages left in all
	Seen  string `json:"s,omitempty"` // hashes of what it met, newest first
}

// entry is one thing of a list.
type entry struct {
	place string // "" when it has none that can be trusted
	hash  string
	item  network.Item
	post  *source // nil when item is complete
}

// page is what a server gave of a list.
type page struct {
	entries []entry
	next    string // the server's cursor to what is older; "": the end
}

// errCursor says that a text is no cursor of ours.
var errCursor = errors.New("not a cursor of this connector")

const cursorVersion = 1

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{Version: cursorVersion}, nil
	}
	var c cursor
	if err := json.Unmarshal([]byte(s), &c); err != nil || c.Version != cursorVersion || !c.Notified.valid() || !c.Own.valid() {
		return cursor{}, errCursor
	}
	return c, nil
}

func (l list) valid() bool {
	return len(l.Seen)%seenLen == 0 && (l.Run == nil || len(l.Run.Seen)%seenLen == 0)
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings, numbers and times in range always encode
	}
	return string(b)
}

// hashOf names one version of one thing.
func hashOf(uri, cid string) string {
	sum := sha256.Sum256([]byte(uri + "\x00" + cid))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

func seenSet(texts ...string) map[string]bool {
	m := map[string]bool{}
	for _, s := range texts {
		for ; len(s) >= seenLen; s = s[seenLen:] {
			m[s[:seenLen]] = true
		}
	}
	return m
}

// join puts two runs of hashes behind each other without repeating any, and keeps the first ones.
func join(first, then string) string {
	var b strings.Builder
	have := map[string]bool{}
	for s := first + then; len(s) >= seenLen && len(have) < keepSeen; s = s[seenLen:] {
		if h := s[:seenLen]; !have[h] {
			have[h] = true
			b.WriteString(h)
		}
	}
	return b.String()
}

// due tells whether the past must still be read.
func (l *list) older() bool { return l.Begun && !l.Whole }

// head takes the next step of reading from the newest down to what is known. below gives the place so far below
// another, or "" when it cannot tell.
func (l *list) head(now time.Time, read func(next string) (page, error), below func(place string, by time.Duration) string) ([]entry, error) {
	if !l.Begun {
		p, err := read("")
		if err != nil {
			return nil, err
		}
		l.Begun, l.Swept = true, now
		for _, e := range p.entries {
			l.Top = max(l.Top, e.place)
			l.Seen += e.hash
		}
		l.Seen = join(l.Seen, "")
		l.Older, l.Whole = p.next, p.next == ""
		return p.entries, nil
	}
	r := run{Top: l.Top, Left: maxPages}
	if l.Run != nil {
		r = *l.Run
	} else if l.Top != "" {
		r.Floor = below(l.Top, overlap)
		if now.Sub(l.Swept) >= sweepEvery || now.Before(l.Swept) {
			r.Deep, r.DeepN, l.Swept = below(l.Top, sweepDepth), sweepPages, now
		}
	}
	p, err := read(r.Next)
	if err != nil {
		return nil, err
	}
	known := seenSet(l.Seen, r.Seen)
	var fresh []entry
	low, met := "", ""
	for _, e := range p.entries {
		met += e.hash
		if e.place != "" {
			r.Top = max(r.Top, e.place)
			if low == "" || e.place < low {
				low = e.place
			}
		}
		if !known[e.hash] {
			fresh = append(fresh, e)
		}
	}
	r.Seen = join(r.Seen, met)
	r.Left--
	done := low != "" && low < r.Floor
	if done && r.Deep != "" {
		r.DeepN--
		done = low < r.Deep || r.DeepN <= 0
	}
	if p.next == "" || p.next == r.Next || r.Left <= 0 || done {
		l.Top, l.Seen, l.Run = max(l.Top, r.Top), join(r.Seen, l.Seen), nil
		return fresh, nil
	}
	r.Next = p.next
	l.Run = &r
	return fresh, nil
}

// past reads one more page of what is older than the first reading.
func (l *list) past(read func(next string) (page, error)) ([]entry, error) {
	p, err := read(l.Older)
	if err != nil {
		return nil, err
	}
	l.Past++
	if p.next == "" || p.next == l.Older || l.Past >= maxPages {
		l.Older, l.Whole = "", true
	} else {
		l.Older = p.next
	}
	return p.entries, nil
}
