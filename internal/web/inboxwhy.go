package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) inboxWhyRoutes() {
	w.member("POST "+view.PathInbox+"/{id}/verdict", w.decideInTalk)
}

// subjectTag is what a conversation is about, as a label: a shape and a word.
func (d *desk) subjectTag(c inbox.Conversation) (view.TagProps, bool) {
	switch {
	case c.Criticism:
		return view.TagProps{Label: d.t("inboxpage.tag.criticism"), Icon: "kind-critique", Kind: view.TagCritique}, true
	case c.Doubt:
		return view.TagProps{Label: d.t("inboxpage.tag.doubt"), Icon: "kind-critique"}, true
	case c.Question:
		return view.TagProps{Label: d.t("inboxpage.tag.question"), Icon: "kind-question"}, true
	case c.Praise:
		return view.TagProps{Label: d.t("inboxpage.tag.praise"), Icon: "kind-praise"}, true
	}
	return view.TagProps{}, false
}

// critical tells whether something is criticism, or may be.
func critical(v verdict.Verdict) bool {
	return v.Criticism == triage.Yes || v.Criticism == triage.Check
}

// whyIn is what the page says about criticism in a conversation.
type whyIn struct {
	thread inbox.Thread
	of     map[inbox.InteractionID]growth.Criticism
	last   inbox.InteractionID // the newest that is criticism, or may be: the box stands under it
	wrong  string              // why a member's word was not taken
}

// why reads what is known of the criticism in a conversation.
func (d *desk) why(t inbox.Thread, wrong string) (whyIn, error) {
	w := whyIn{thread: t, wrong: wrong}
	var err error
	if w.of, err = d.rooms.Growth.OfConversation(d.ctx(), d.v.actor, t.Conversation.ID); err != nil {
		return w, err
	}
	for _, i := range t.Interactions {
		if w.critical(i) {
			w.last = i.ID
		}
	}
	return w, nil
}

// critical tells whether something of theirs is criticism, or may be, or belongs to a case.
func (w whyIn) critical(i inbox.Interaction) bool {
	return !i.Mine && i.DeletedAt.IsZero() && (critical(w.thread.Verdicts[i.ID]) || w.of[i.ID].Case != "")
}

// mark adds to a message what makes it criticism: the words that say so, and under the newest the reasons.
func (d *desk) mark(p view.Page, w whyIn, i inbox.Interaction, m *view.MessageProps) error {
	if !w.critical(i) {
		return nil
	}
	v := w.thread.Verdicts[i.ID]
	tag := view.TagProps{Label: d.t("inboxpage.tag.criticism"), Icon: "kind-critique", Kind: view.TagCritique}
	if v.Criticism == triage.Check {
		tag = view.TagProps{Label: d.t("inboxpage.tag.doubt"), Icon: "kind-critique"}
	}
	if i.ID != w.last {
		m.Tags = append(m.Tags, tag)
		return nil
	}
	box, err := d.whyBox(w, i, v)
	if err != nil {
		return err
	}
	m.After = view.WhyPart(p, box)
	return nil
}

// whyBox says why something is criticism, how sure that is, and what can be done about it.
func (d *desk) whyBox(w whyIn, i inbox.Interaction, v verdict.Verdict) (view.WhyCriticism, error) {
	box := view.WhyCriticism{ID: string(i.ID), Title: d.t("inboxpage.why.title"), Error: w.wrong}
	doubt := v.Criticism == triage.Check
	if doubt {
		box.Title = d.t("inboxpage.why.doubt")
	}
	box.Reasons = d.whyReasons(v, doubt)
	manage := d.v.actor.Can(team.GrowthManage)
	k := w.of[i.ID]
	var err error
	others := 0
	if k.Case == "" && d.v.actor.Can(team.GrowthRead) {
		same, err := d.rooms.Growth.SaySame(d.ctx(), d.v.actor, []inbox.InteractionID{i.ID})
		if err != nil {
			return box, err
		}
		if same.People > 0 {
			box.Reasons = append(box.Reasons, view.WhyLine{Text: d.v.words.N("inboxpage.why.same", same.People, "date", d.dayMonth(same.Since))})
		}
		others = len(same.Voices)
	}
	if box.HowSure, err = d.howSure(v); err != nil {
		return box, err
	}
	d.secondSay(&box, v)
	if k.Case != "" {
		return box, d.inCase(&box, k.Case)
	}
	if !manage {
		return box, nil
	}
	box.URL = view.PathInbox + "/" + string(w.thread.Conversation.ID) + "/verdict"
	n := others
	for _, x := range w.thread.Interactions {
		if w.critical(x) && w.of[x.ID].Case == "" {
			n++
		}
	}
	box.Open = &view.KeyProps{Label: d.v.words.N("inboxpage.why.open", n), Icon: "open-case", Letter: "c", Href: caseFrom(w.thread.Conversation.ID)}
	box.No = d.t("inboxpage.why.no")
	if doubt {
		box.Yes = &view.KeyProps{Label: d.t("caselist.doubts.yes"), Icon: "kind-critique", Name: "criticism", Value: "yes"}
		box.No, box.Open.Kind = d.t("caselist.doubts.no"), view.KeyQuiet
	}
	return box, nil
}

// caseFrom is where a case is opened from a conversation.
func caseFrom(id inbox.ConversationID) string {
	return view.PathCases + "/new?from=" + url.QueryEscape(string(id))
}

// caseURL is caseFrom for those who may open cases.
func (d *desk) caseURL(id inbox.ConversationID) string {
	if !d.v.actor.Can(team.GrowthManage) {
		return ""
	}
	return caseFrom(id)
}

// whyReasons are what the text itself says.
func (d *desk) whyReasons(v verdict.Verdict, doubt bool) []view.WhyLine {
	var out []view.WhyLine
	words := evidenceWords(v)
	switch theme := firstTheme(v); {
	case doubt && len(words) > 0:
		out = append(out, view.WhyLine{Text: d.t("inboxpage.why.maybe"), Words: words})
	case theme != "" && len(words) > 0:
		out = append(out, view.WhyLine{Text: d.t("inboxpage.why.about", "theme", d.theme(theme)), Words: words})
	case len(words) > 0:
		out = append(out, view.WhyLine{Text: d.t("inboxpage.why.words"), Words: words})
	case theme != "":
		out = append(out, view.WhyLine{Text: d.t("inboxpage.why.theme", "theme", d.theme(theme))})
	}
	if v.Urgency >= 2 {
		cue := "plain"
		if len(v.Judged.Cues) > 0 && d.v.words.Has("inboxpage.why.urgent."+string(v.Judged.Cues[0])) {
			cue = string(v.Judged.Cues[0])
		}
		out = append(out, view.WhyLine{Text: d.t("inboxpage.why.urgent." + cue)})
	}
	return out
}

// evidenceWords are the words that weighed most, as they stand in the text, each once.
func evidenceWords(v verdict.Verdict) []string {
	var out []string
	for _, e := range v.Judged.Evidence {
		if w := strings.TrimSpace(e.Word); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out[:min(len(out), 4)]
}

func firstTheme(v verdict.Verdict) triage.Theme {
	for _, t := range v.Themes {
		if slices.Contains(themes, t) {
			return t
		}
	}
	return ""
}

// trustFew is below which so few readings were looked at that nothing follows.
const trustFew = 5

// howSure says how far to trust a reading, with what members corrected.
func (d *desk) howSure(v verdict.Verdict) (string, error) {
	if v.Said != nil && v.Said.Criticism != nil {
		if v.CorrectedBy == "" {
			return d.t("inboxpage.why.decided.ponte", "moment", d.moment(v.CorrectedAt)), nil
		}
		return d.t("inboxpage.why.decided", "name", d.memberName(v.CorrectedBy), "moment", d.moment(v.CorrectedAt)), nil
	}
	trust, err := d.rooms.Verdicts.Trust(d.ctx(), d.v.actor.Company, v)
	if err != nil {
		return "", err
	}
	number := d.v.words.Number
	switch {
	case trust.Looked < trustFew:
		return d.t("inboxpage.why.new"), nil
	case v.Judged.Criticism.Decision == triage.Check:
		return d.t("inboxpage.why.trust.doubt", "looked", number(trust.Looked), "criticisms", number(trust.Criticisms)), nil
	}
	return d.t("inboxpage.why.trust", "like", number(trust.Like), "looked", number(trust.Looked), "corrected", number(trust.Corrected)), nil
}

// secondSay puts another model's opinion beside.
func (d *desk) secondSay(box *view.WhyCriticism, v verdict.Verdict) {
	if v.Second == nil {
		return
	}
	box.Second = d.t("inboxpage.why.second."+string(v.Second.Criticism), "model", v.Second.Model)
	box.SecondW = v.Second.Why
}

// inCase says to which case something belongs, and how that stands.
func (d *desk) inCase(box *view.WhyCriticism, id growth.CaseID) error {
	f, err := d.rooms.Growth.OpenFile(d.ctx(), d.v.actor, id)
	if fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Denied {
		return nil
	}
	if err != nil {
		return err
	}
	box.Case = view.PathCases + "/" + string(id)
	box.CaseSay = d.t("inboxpage.why.case", "number", d.v.words.Number(f.Case.Number), "title", f.Case.Title)
	box.CaseHow = view.TagProps{Label: d.t("caselist.state." + string(f.Case.State)), Icon: stateIcon(f.Case.State)}
	return nil
}

// decideInTalk takes a member's word on something in a conversation.
func (w *Web) decideInTalk(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	id := inbox.ConversationID(r.PathValue("id"))
	in, err := d.decision(r)
	if err == nil {
		_, err = w.rooms.Growth.Decide(r.Context(), d.v.actor, in)
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return d.showTalk(rw, id, pr.Status, talkState{why: sayAll(pr)})
	} else if err != nil {
		return err
	}
	key := "caselist.decided.no"
	if in.Criticism {
		key = "caselist.decided.yes"
	}
	return d.after(rw, id, key)
}
