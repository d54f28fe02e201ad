package view

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/record"
)

// Record is what the page of the record shows.
type Record struct {
	Size          int64
	Since, At     time.Time
	Head          string // the short fingerprint
	Origin        string // the name in the checkpoint
	Key           string // the verifier key
	Address       string // that was looked for
	Error, Remedy string
}

// Found is what the record holds of a comment, with its proof worked out for reading.
type Found struct {
	growth.Found
	Pasted   string // the address as the reader has it
	Commit   string // of salt and address, hex
	LeafHash string // hex
	Path     []Sibling
}

// Sibling is one step of the way from the leaf to the root.
type Sibling struct {
	Side string // "left" or "right": where its hash stands
	Hash string // hex
}

// step is one thing that happened to a comment.
type step struct{ icon, what, text, href, link string }

// steps tell what happened to a comment, in order.
func (p Page) steps(f Found) []step {
	all := []step{{icon: "registry", what: p.T("publicpage.found.recorded", "day", p.on(f.RecordedAt))}}
	if f.State == growth.Dismissed {
		return append(all, step{icon: "close", what: p.T("publicpage.found.dismissed"), text: p.reason(f.Reason)})
	}
	if f.State == growth.ToDecide {
		all = append(all, step{icon: "hourglass", what: p.T("publicpage.found.undecided")})
	}
	if !f.AnsweredAt.IsZero() {
		all = append(all, step{icon: "reply", what: p.T("publicpage.found.answered", "day", p.on(f.AnsweredAt))})
	}
	switch f.CaseState {
	case "":
		if f.State == growth.Counted {
			all = append(all, step{icon: "hourglass", what: p.T("publicpage.found.nocase")})
		}
	case growth.CaseDeclined:
		all = append(all, step{icon: "close", what: p.T("publicpage.found.declined"), text: p.plain(f.CaseTitle), href: p.growthPath() + "#declined", link: p.T("publicpage.found.why")})
	case growth.CaseChanged:
		s := step{icon: "check", what: p.T("publicpage.found.changed"), text: p.plain(f.CaseTitle)}
		if f.Improvement > 0 {
			s.href, s.link = p.entryPath(f.Improvement), p.T("publicpage.found.what")
		}
		all = append(all, s)
	default:
		all = append(all, step{icon: "case", what: p.T("publicpage.found.case"), text: p.plain(f.CaseTitle) + ". " + p.doing(growth.Working{State: f.CaseState})})
	}
	return all
}

// reason says why something was judged to be no criticism.
func (p Page) reason(r record.Reason) string {
	if key := "publicpage.reason." + string(r); p.Words.Has(key) {
		return p.T(key)
	}
	return ""
}

func join(parts ...string) string { return strings.TrimSpace(strings.Join(parts, " ")) }

// onlyIn says that an improvement is told in the other language only; "" when it is told in this one.
func (p Page) onlyIn(i growth.Improvement) string {
	if _, other := p.say(i.Did); other != "" {
		return p.T("publicpage.only." + other)
	}
	return ""
}

// commitCommand works the commitment out in a shell: see record.Commit.
func (f Found) commitCommand() string {
	salt := hex.EncodeToString(f.Salt)
	return "printf %s " + quoted(fmt.Sprintf("14:ponte-record-1,7:address,%d:%s,%d:%s,", len(salt), salt, len(f.Address), f.Address)) + " | sha256sum"
}

// leafCommand works the hash of the leaf out in a shell.
func (f Found) leafCommand() string {
	return `printf '\0%s' ` + quoted(string(f.Leaf)) + " | sha256sum"
}

// quoted writes a text so that a shell takes it as it is.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
