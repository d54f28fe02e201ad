package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) auditRoutes() {
	w.member("GET "+view.PathAudit, w.showAudit)
}

// showAudit reads who did what, newest first, day by day in the company's zone.
func (w *Web) showAudit(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	q := r.URL.Query()
	s := view.Audit{Tabs: v.tabs(view.PathAudit), From: q.Get("from"), To: q.Get("to"), Filtered: q.Get("member") != "" || q.Get("from") != "" || q.Get("to") != ""}
	f := team.AuditFilter{Cursor: q.Get("cursor"), Member: team.MemberID(q.Get("member")), ObjectKind: q.Get("kind"), ObjectID: q.Get("object")}
	status := http.StatusOK
	day := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(time.DateOnly, text, v.zone())
		if err != nil {
			status, s.Error = http.StatusUnprocessableEntity, v.words.T("auditpage.date.wrong")
		}
		return t
	}
	f.From = day(s.From)
	if to := day(s.To); !to.IsZero() {
		f.To = to.AddDate(0, 0, 1)
	}
	page, err := w.rooms.Team.AuditTrail(r.Context(), v.actor, f)
	if err != nil {
		return err
	}
	members, err := w.rooms.Team.MembersByID(r.Context(), v.actor.Company)
	if err != nil {
		return err
	}
	s.Members = []view.Option{{Label: v.words.T("auditpage.everybody"), Selected: f.Member == ""}}
	for _, m := range byName(members) {
		s.Members = append(s.Members, view.Option{Value: string(m.ID), Label: m.Name, Selected: m.ID == f.Member})
	}
	for _, e := range page.Entries {
		at := e.At.In(v.zone())
		label := v.words.Date(at)
		if n := len(s.Days); n == 0 || s.Days[n-1].Label != label {
			s.Days = append(s.Days, view.AuditDay{Label: label})
		}
		d := &s.Days[len(s.Days)-1]
		d.Lines = append(d.Lines, w.auditLine(v, e, at, members))
	}
	if page.Next != "" {
		s.Next = view.PathAudit + "?" + query("member", q.Get("member"), "from", s.From, "to", s.To, "kind", f.ObjectKind, "object", f.ObjectID, "cursor", page.Next)
	}
	p := w.page(r, view.RoomSettings, "auditpage.title")
	return w.showStatus(rw, r, status, p, view.AuditPage(p, s))
}

func byName(members map[team.MemberID]team.Member) []team.Member {
	var out []team.Member
	for _, m := range members {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b team.Member) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out
}

func (w *Web) auditLine(v *visit, e team.AuditEntry, at time.Time, members map[team.MemberID]team.Member) view.AuditLine {
	l := v.words
	line := view.AuditLine{When: l.Clock(at), At: e.At.Format(time.RFC3339), Who: members[e.Member].Name}
	if line.Who == "" {
		line.Ponte = true
		switch e.Via {
		case team.ViaCommand:
			line.Who = l.T("auditpage.command")
		case team.ViaSystem:
			line.Who = "Ponte"
		default:
			line.Who = l.T("auditpage.stranger")
		}
	}
	line.What = l.T("auditpage.other", "verb", e.Verb)
	for _, key := range []string{"audit." + e.Verb, "auditpage.verb." + e.Verb} {
		if l.Has(key) {
			line.What = l.T(key)
			break
		}
	}
	if m, ok := members[team.MemberID(e.ObjectID)]; ok && e.ObjectKind == "member" && m.ID != e.Member {
		line.Object = m.Name
	}
	var facts []string
	for name, value := range e.Detail {
		switch {
		case value == "" || value == "false" || value == string(e.Member) || value == e.ObjectID:
			continue // says nothing that the line does not say
		case name == "why" && l.Has(value):
			value = strings.TrimSuffix(l.T(value), ".") // what went wrong is kept as a catalog key
		case name == "factor":
			value = l.T("auditpage.factor")
		case name == "role" && l.Has("team.role."+value):
			value = l.T("team.role." + value)
		case members[team.MemberID(value)].Name != "":
			value = members[team.MemberID(value)].Name
		default:
			value = strings.TrimPrefix(strings.ReplaceAll(value, " > ", " → "), "> ")
		}
		if key := "auditpage.detail." + name; l.Has(key) {
			value = l.T(key) + " " + value
		}
		facts = append(facts, value)
	}
	slices.Sort(facts)
	line.Detail = strings.Join(facts, " · ")
	if e.Via == team.ViaAPI {
		line.Via = l.T("auditpage.api")
	}
	return line
}
