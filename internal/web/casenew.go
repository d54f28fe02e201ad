package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) caseNewRoutes() {
	w.member("GET "+view.PathCases+"/new", w.showNewCase)
	w.member("POST "+view.PathCases, w.openCase)
}

// newCaseState is what was chosen and typed for a case that is being opened.
type newCaseState struct {
	conversations []inbox.ConversationID // whose words are offered
	chosen        []inbox.InteractionID  // those that are ticked; nil: Ponte ticks what was judged to be criticism
	from          growth.CaseID          // the reader came from this one
	typed         map[string]string      // title, theme, owner, due
	wrong         map[string]string      //
	problem       *view.TroubleProps     //
	back          string                 // where the reader came from
}

func newCaseOf(q url.Values) newCaseState {
	s := newCaseState{from: growth.CaseID(q.Get("case")), typed: map[string]string{}, back: q.Get("back")}
	for _, c := range q["from"] {
		s.conversations = append(s.conversations, inbox.ConversationID(c))
	}
	for _, i := range q["i"] {
		s.chosen = append(s.chosen, inbox.InteractionID(i))
	}
	return s
}

func (w *Web) showNewCase(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	s := newCaseOf(r.URL.Query())
	if s.back == "" && len(s.conversations) == 1 {
		s.back = view.PathInbox + "/" + string(s.conversations[0])
	}
	return d.newCase(rw, http.StatusOK, s)
}

// newCase draws the page on which a case is opened: what it is about, who says the same, and open cases about the same first.
func (d *desk) newCase(rw http.ResponseWriter, status int, s newCaseState) error {
	if err := d.v.actor.May(team.GrowthManage); err != nil {
		return err
	}
	out := view.NewCase{Problem: s.problem, Errors: s.wrong, Title: s.typed["title"], Due: s.typed["due"]}
	if s.back != "" {
		out.Back = safeNext(s.back)
	}
	picks, err := d.picks(s)
	if err != nil {
		return err
	}
	out.Chosen = picks
	ticked := ticked(picks)
	theme := triage.Theme(s.typed["theme"])
	if len(ticked) > 0 {
		if err := d.sayTheSame(&out, s, ticked); err != nil {
			return err
		}
		if theme == "" {
			theme = d.themeOf(ticked)
		}
	}
	out.Themes = d.themeOptions(string(theme))
	out.Owners = d.memberOptions(team.MemberID(s.typed["owner"]), d.t("casenew.owner.none"))
	if err := d.intoOptions(&out, s); err != nil {
		return err
	}
	if err := d.findMore(&out, s); err != nil {
		return err
	}
	out.Key = view.KeyProps{Label: d.t("casenew.key"), Kind: view.KeyRed, Big: true, Icon: "open-case", Form: "new-case"}
	if out.Into != "" {
		out.Key.Label, out.Key.Name, out.Key.Value = d.t("casenew.key.into"), "into", string(s.from)
	}
	p := d.casePage("casenew.title")
	p.Topics = ""
	return d.showStatus(rw, d.r, status, p, view.NewCasePage(p, out))
}

// picks are the words that were chosen, and what else the same people wrote in those conversations.
func (d *desk) picks(s newCaseState) ([]view.CasePick, error) {
	all := map[inbox.InteractionID]inbox.Interaction{}
	var order []inbox.Interaction
	add := func(i inbox.Interaction) {
		if _, there := all[i.ID]; there || i.Mine || i.Text == "" || !i.DeletedAt.IsZero() || !i.Kind.Speaks() || i.Kind == network.KindPost && i.Mine {
			return
		}
		all[i.ID] = i
		order = append(order, i)
	}
	who := map[inbox.InteractionID]view.BylineProps{}
	in := map[inbox.InteractionID]growth.Criticism{}
	read := func(id inbox.ConversationID) error {
		t, err := d.rooms.Inbox.Open(d.ctx(), d.v.actor, id)
		if err != nil {
			return err
		}
		of, err := d.rooms.Growth.OfConversation(d.ctx(), d.v.actor, id)
		if err != nil {
			return err
		}
		for _, i := range t.Interactions {
			if !i.Mine {
				add(i)
				who[i.ID] = d.interactionByline(t, i)
			}
			if k, ok := of[i.ID]; ok {
				in[i.ID] = k
			}
		}
		return nil
	}
	seen := map[inbox.ConversationID]bool{}
	for _, c := range s.conversations {
		seen[c] = true
		if err := read(c); err != nil {
			return nil, err
		}
	}
	more, err := d.rooms.Inbox.InteractionsByID(d.ctx(), d.v.actor.Company, s.chosen)
	if err != nil {
		return nil, err
	}
	for _, id := range s.chosen {
		i, ok := more[id]
		if !ok || i.Conversation == "" || seen[i.Conversation] {
			continue
		}
		seen[i.Conversation] = true
		if err := read(i.Conversation); err != nil {
			return nil, err
		}
	}
	ids := make([]inbox.InteractionID, 0, len(order))
	for _, i := range order {
		ids = append(ids, i.ID)
	}
	judged, err := d.judged(ids)
	if err != nil {
		return nil, err
	}
	var out []view.CasePick
	for _, i := range order {
		v := judged[i.ID]
		v.Mark(i.Text)
		text, says := unhailed(i.Text, marks(v))
		pick := view.CasePick{ID: string(i.ID), Text: text, Byline: who[i.ID], Marks: says, Checked: slices.Contains(s.chosen, i.ID)}
		if s.chosen == nil {
			pick.Checked = v.Criticism == triage.Yes || v.Criticism == triage.Check
		}
		if k := in[i.ID]; k.Case != "" {
			pick.Checked, pick.In, pick.InHref = false, d.t("casenew.in"), view.PathCases+"/"+string(k.Case)
		}
		out = append(out, pick)
	}
	if s.chosen == nil {
		tickLast(out, order)
	}
	return out, nil
}

// tickLast ticks the last word of each conversation of which nothing is ticked: who asks for a case from something that nobody took for
// criticism means that.
func tickLast(picks []view.CasePick, of []inbox.Interaction) {
	meant := map[inbox.ConversationID]bool{}
	for n, p := range picks {
		if p.Checked {
			meant[of[n].Conversation] = true
		}
	}
	for n := len(picks) - 1; n >= 0; n-- {
		if c := of[n].Conversation; picks[n].In == "" && !meant[c] {
			picks[n].Checked, meant[c] = true, true
		}
	}
}

func (d *desk) interactionByline(t inbox.Thread, i inbox.Interaction) view.BylineProps {
	who := t.Identities[i.Identity]
	b := view.BylineProps{
		Who: &view.WhoProps{Name: who.Label(), Size: view.SizeSmall}, Name: who.Label(), Net: string(t.Channel.Network), NetLabel: d.channelLabel(t.Channel.ID),
		When: d.shortDate(i.At), At: i.At.Format(time.RFC3339), WhenHref: webAddress(i.URL),
	}
	if i.Stars > 0 {
		b.Stars = &view.StarsProps{Given: i.Stars, Label: d.t("inboxpage.stars", "count", i.Stars)}
	}
	return b
}

func ticked(picks []view.CasePick) []inbox.InteractionID {
	var out []inbox.InteractionID
	for _, p := range picks {
		if p.Checked {
			out = append(out, inbox.InteractionID(p.ID))
		}
	}
	return out
}

// themeOf is the theme of the first of these that has one.
func (d *desk) themeOf(is []inbox.InteractionID) triage.Theme {
	judged, err := d.judged(is)
	if err != nil {
		return "" // a form is of use without its guess
	}
	for _, id := range is {
		if v := judged[id]; len(v.Themes) > 0 {
			return v.Themes[0]
		}
	}
	return ""
}

// sayTheSame offers the others that say the same, and the open cases about it.
func (d *desk) sayTheSame(out *view.NewCase, s newCaseState, chosen []inbox.InteractionID) error {
	same, err := d.rooms.Growth.SaySame(d.ctx(), d.v.actor, chosen)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, p := range out.Chosen {
		there[p.ID] = true
	}
	for _, v := range same.Voices {
		id := string(v.Interaction)
		if there[id] {
			continue
		}
		// When the form comes back, what was ticked off stays so.
		out.Same = append(out.Same, view.CasePick{ID: id, Text: withoutHail(v.Text), Byline: d.voiceByline(v), Checked: s.wrong == nil || slices.Contains(s.chosen, v.Interaction)})
	}
	if len(out.Same) > 0 {
		out.SameSay = d.v.words.N("caselist.people.since", same.People, "date", d.shortDate(same.Since))
	}
	for _, l := range same.Cases {
		if l.Case.ID == s.from {
			continue
		}
		row := view.LikelyCase{
			ID: string(l.Case.ID), Title: l.Case.Title, Href: view.PathCases + "/" + string(l.Case.ID),
			Notes: []string{d.t("caselist.number", "number", d.v.words.Number(l.Case.Number)), d.t("caselist.state." + string(l.Case.State)), d.peopleSince(l.Case)},
		}
		if len(l.Words) > 0 {
			row.Why = d.t("casenew.likely.why", "words", strings.Join(l.Words, ", "))
		}
		out.Likely = append(out.Likely, row)
	}
	return nil
}

// intoMost is how many open cases stand in the list of those to choose from.
const intoMost = 100

func (d *desk) intoOptions(out *view.NewCase, s newCaseState) error {
	page, err := d.rooms.Growth.Cases(d.ctx(), d.v.actor, growth.CaseFilter{States: append(slices.Clone(openStates), growth.CaseChanged), Limit: intoMost})
	if err != nil {
		return err
	}
	for _, c := range page.Cases {
		label := d.t("casenew.into.case", "number", d.v.words.Number(c.Number), "title", c.Title)
		out.Cases = append(out.Cases, view.Option{Value: string(c.ID), Label: label})
		if c.ID == s.from {
			out.Into = label
		}
	}
	if out.Into != "" {
		out.Cases = nil
	}
	return nil
}

// findMost is how many conversations a search for more voices shows.
const findMost = 10

func (d *desk) findMore(out *view.NewCase, s newCaseState) error {
	q := strings.TrimSpace(d.r.URL.Query().Get("q"))
	hidden := map[string]string{}
	if s.from != "" {
		hidden["case"] = string(s.from)
	}
	out.Search = view.SearchProps{Action: view.PathCases + "/new", Value: q, Label: d.t("casenew.find.label"), Hidden: hidden}
	if q == "" {
		return nil
	}
	out.Asked = true
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, inbox.Filter{View: inbox.ViewAll, Query: q, Limit: findMost})
	if err != nil {
		return err
	}
	for _, c := range l.Conversations {
		who := l.Identities[c.Identity]
		more := url.Values{"from": {string(c.ID)}}
		for _, x := range s.conversations {
			if x != c.ID {
				more.Add("from", string(x))
			}
		}
		if s.from != "" {
			more.Set("case", string(s.from))
		}
		out.Found = append(out.Found, view.FoundTalk{
			Add: view.PathCases + "/new?" + more.Encode(),
			Row: view.RowProps{
				Who: &view.WhoProps{Name: who.Label()}, Title: who.Label(), Said: d.words(c, 160),
				Notes: []string{d.channelLabel(c.Channel), d.shortDate(c.LastInAt)},
			},
		})
	}
	return nil
}

// openCase opens a case, or puts what was chosen into one that is there.
func (w *Web) openCase(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	chosen := interactionsOf(r)
	into := growth.CaseID(r.PostFormValue("into"))
	if into == "other" {
		into = growth.CaseID(r.PostFormValue("other"))
	}
	var c growth.Case
	if into != "" {
		c.ID = into
		err = w.rooms.Growth.Join(r.Context(), d.v.actor, into, chosen)
	} else {
		in := growth.OpenIn{Title: r.PostFormValue("title"), Theme: triage.Theme(r.PostFormValue("theme")), Interactions: chosen, Owner: team.MemberID(r.PostFormValue("owner"))}
		if in.DueAt, err = d.day("due"); err == nil {
			c, err = w.rooms.Growth.Open(r.Context(), d.v.actor, in)
		}
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		s := newCaseState{chosen: chosen, wrong: pr.Fields, typed: map[string]string{}, back: r.PostFormValue("back")}
		if s.chosen == nil {
			s.chosen = []inbox.InteractionID{}
		}
		if from, found := strings.CutPrefix(s.back, view.PathInbox+"/"); found {
			s.conversations = []inbox.ConversationID{inbox.ConversationID(from)}
		}
		for _, name := range []string{"title", "theme", "owner", "due"} {
			s.typed[name] = r.PostFormValue(name)
		}
		if pr.Text != "" {
			s.problem = &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}
		}
		return d.newCase(rw, pr.Status, s)
	} else if err != nil {
		return err
	}
	key := "casenew.opened"
	if into != "" {
		key = "casepage.joined"
	}
	return w.done(rw, r, view.PathCases+"/"+string(c.ID), key)
}
