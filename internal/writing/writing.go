package writing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Kind is what an advice is about. Stored.
type Kind string

// The kinds. What must be confirmed stands first.
const (
	Secret     Kind = "secret"
	IBAN       Kind = "iban"
	Card       Kind = "card"
	FiscalCode Kind = "fiscal"
	Phone      Kind = "phone"
	Email      Kind = "email"
	Name       Kind = "name"

	Promise Kind = "promise"
	Alt     Kind = "alt"

	Readability Kind = "readability"
	Register    Kind = "register"
	Self        Kind = "self"
	Lately      Kind = "lately"
	Jargon      Kind = "jargon"
	Capitals    Kind = "capitals"
	Exclaiming  Kind = "exclaiming"
	Emoji       Kind = "emoji"
	Unasked     Kind = "unasked"
	Tags        Kind = "tags"
)

// Level says how much an advice wants.
type Level string

// The levels: a hint may be passed over, what is to be looked at is easily wrong, and what is to be confirmed keeps a text from
// being approved until a member has said that it is meant.
const (
	Hint    Level = "hint"
	Careful Level = "look"
	Confirm Level = "confirm"
)

func (l Level) rank() int { return slices.Index([]Level{Confirm, Careful, Hint}, l) }

// Text is what is about to go out, with what has to be known about it. Only Body has to be there.
type Text struct {
	Body       string
	Language   string   // "it" or "en", with anything behind; "": it is guessed. Others are looked at for what has no language
	Own        []string // names of the company, its brand and products
	Public     []string // contacts of ours that anybody may know: telephone numbers, addresses, IBANs
	Colleagues []string // names of the team
	Customers  []string // names of people outside
	Alts       []string // what is said about each picture for who does not see it
	Media      int      // how many pictures and films there are
	Tags       int      // tags that are put to it, beside those in Body
	Recent     []string // what went out before, the newest last; at most the last twenty are read
}

// Advice is something to look at. Key is a key of the catalog, with what it is and why; Key + ".remedy" says what to do. Args fill both; secrets and
// what is somebody's own are not among them.
type Advice struct {
	Kind       Kind
	Level      Level
	Key        string
	Args       map[string]any
	Start, End int // bytes of Body; 0 and 0: all of it
}

// most is how many hints of one kind are given: more help nobody.
const most = 5

// Look gives what is to be looked at in a text: what must be confirmed first, then what is easily wrong, then hints,
// each in the order of the text. The same text gives the same.
func Look(t Text) []Advice {
	r := read(t.Body)
	l := listsOf(tongue(t.Language, r))
	for _, name := range languages { // secrets and what is private are told in any language
		if each := listsOf(name); each != nil {
			r.find(each, each == l)
		}
	}
	var out []Advice
	count := map[Kind]int{}
	add := func(a Advice) {
		if a.Level == Hint {
			if count[a.Kind]++; count[a.Kind] > most {
				return
			}
		}
		out = append(out, a)
	}
	private := r.private(t, add)
	r.names(t, private, add)
	promises(t, l, add)
	alts(t, add)
	if l != nil {
		r.readability(l, add)
		lately := readRecent(t)
		r.self(t, l, lately, add)
		r.unasked(lately, add)
		r.jargon(add)
	}
	if l != nil && l.name == "it" {
		r.register(add)
	}
	r.shouting(t, add)
	r.tags(t, add)
	slices.SortStableFunc(out, func(a, b Advice) int {
		return cmp.Or(cmp.Compare(a.Level.rank(), b.Level.rank()), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// Mark names what an advice found, for keeping that a member confirmed it: the same words found again have the same mark, wherever
// they stand, and other words have another.
func (a Advice) Mark(body string) string {
	found := ""
	if a.Start >= 0 && a.Start <= a.End && a.End <= len(body) {
		found = body[a.Start:a.End]
	}
	sum := sha256.Sum256([]byte(string(a.Kind) + "\x00" + found))
	return string(a.Kind) + ":" + hex.EncodeToString(sum[:12])
}

// Unconfirmed gives those of the advice for a body that must be confirmed and whose marks are not among the confirmed ones.
func Unconfirmed(body string, advice []Advice, confirmed []string) []Advice {
	var out []Advice
	for _, a := range advice {
		if a.Level == Confirm && !slices.Contains(confirmed, a.Mark(body)) {
			out = append(out, a)
		}
	}
	return out
}
