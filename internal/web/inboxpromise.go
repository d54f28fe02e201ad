package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// asked is a sentence of an answer that promises something, with what the member says becomes of it.
type asked struct {
	growth.PromiseIn
	no    bool // it is no promise
	due   string
	wrong map[string]string
}

// promisesOf reads what a form says about the promises of an answer. ok is false when it says nothing.
func (d *desk) promisesOf() (all []asked, ok bool) {
	_ = d.r.PostFormValue("promise") // reads the form
	for _, n := range d.r.Form["promise"] {
		a := asked{no: d.r.PostFormValue("promise-no-"+n) != "", due: d.r.PostFormValue("promise-due-" + n)}
		a.Text, a.Owner, a.Case = d.r.PostFormValue("promise-text-"+n), team.MemberID(d.r.PostFormValue("promise-owner-"+n)), growth.CaseID(d.r.PostFormValue("promise-case-"+n))
		if t, err := time.ParseInLocation(time.DateOnly, a.due, d.zone); err == nil {
			a.DueAt = t.Add(12 * time.Hour)
		}
		all = append(all, a)
	}
	return all, len(all) > 0
}

// weighed is a text of ours with what a form says becomes of what it promises.
type weighed struct {
	growth.Said
	asks []asked // what to ask
	kept []int   // which of them each promise was
	told bool    // the form says something
}

// weigh puts what a form says about promises to what is noticed in a text. What is noticed and not said anything about is ErrAsked, when
// something was said about others.
func (d *desk) weigh(text string) (w weighed, err error) {
	said, told := d.promisesOf()
	w.told = told
	noticed, err := d.rooms.Growth.Notice(d.ctx(), d.v.actor, text)
	if err != nil {
		return w, err
	}
	// What was said about sentences that are still there stays; sentences that are new are asked about.
	missing := false
	for _, n := range noticed {
		i := slices.IndexFunc(said, func(a asked) bool { return a.Text == n.Text })
		if i >= 0 {
			w.asks = append(w.asks, said[i])
			continue
		}
		missing = true
		a := asked{PromiseIn: growth.PromiseIn{Text: n.Text, Owner: d.v.actor.Member, DueAt: n.DueAt}}
		if !n.DueAt.IsZero() {
			a.due = n.DueAt.In(d.zone).Format(time.DateOnly)
		}
		w.asks = append(w.asks, a)
	}
	if missing && told {
		return w, growth.ErrAsked
	}
	w.NoPromise = told && !missing
	for i, a := range w.asks {
		if told && !a.no {
			w.Promises = append(w.Promises, a.PromiseIn)
			w.kept = append(w.kept, i)
		}
	}
	return w, nil
}

// answer sends an answer. When it promises something, what becomes of that is asked first; then asks are what to ask.
func (d *desk) answer(in inbox.ReplyIn) (out inbox.Reply, asks []asked, err error) {
	w, err := d.weigh(in.Text)
	if err != nil {
		return out, w.asks, err
	}
	out, err = d.rooms.Growth.Answer(d.ctx(), d.v.actor, growth.AnswerIn{ReplyIn: in, Promises: w.Promises, NoPromise: w.NoPromise})
	d.wrongPromises(w, err)
	return out, w.asks, err
}

// wrongPromises puts what is wrong with a promise beside its field.
func (d *desk) wrongPromises(w weighed, err error) {
	if fault.KindOf(err) != fault.Invalid || !w.told {
		return
	}
	for _, f := range fault.Of(err).Fields {
		for n, i := range w.kept {
			for _, name := range []string{"text", "due", "owner", "case"} {
				if f.Name == "promises."+strconv.Itoa(n)+"."+name {
					if w.asks[i].wrong == nil {
						w.asks[i].wrong = map[string]string{}
					}
					w.asks[i].wrong[name] = sayField(d.v.words, f)
				}
			}
		}
	}
}

// askInTalk draws what is asked about an answer. The case of the conversation is offered first.
func (d *desk) askInTalk(asks []asked, t inbox.Thread) ([]view.PromiseAsk, error) {
	if len(asks) == 0 {
		return nil, nil
	}
	of, err := d.rooms.Growth.OfConversation(d.ctx(), d.v.actor, t.Conversation.ID)
	if err != nil {
		return nil, err
	}
	own := growth.CaseID("")
	for _, i := range t.Interactions {
		if k, ok := of[i.ID]; ok && k.Case != "" {
			own = k.Case
		}
	}
	return d.askViews(asks, own)
}

// askViews draws what is asked. One case is offered first, with others that are open and more.
func (d *desk) askViews(asks []asked, own growth.CaseID, more ...growth.Case) ([]view.PromiseAsk, error) {
	if len(asks) == 0 {
		return nil, nil
	}
	cases := more
	if d.v.actor.Can(team.GrowthRead) {
		page, err := d.rooms.Growth.Cases(d.ctx(), d.v.actor, growth.CaseFilter{States: openStates, Limit: intoMost})
		if err != nil {
			return nil, err
		}
		cases = append(cases, slices.DeleteFunc(page.Cases, func(c growth.Case) bool {
			return slices.ContainsFunc(more, func(m growth.Case) bool { return m.ID == c.ID })
		})...)
	}
	out := make([]view.PromiseAsk, 0, len(asks))
	for n, a := range asks {
		row := view.PromiseAsk{N: strconv.Itoa(n), Text: a.Text, No: a.no, Due: a.due, Owners: d.memberOptions(a.Owner, ""), Errors: a.wrong}
		chosen := a.Case
		if chosen == "" && a.wrong == nil {
			chosen = own
		}
		row.Cases = []view.Option{{Value: "", Label: d.t("inboxpage.promise.nocase"), Selected: chosen == ""}}
		for _, c := range cases {
			row.Cases = append(row.Cases, view.Option{Value: string(c.ID), Label: d.t("casenew.into.case", "number", d.v.words.Number(c.Number), "title", c.Title), Selected: c.ID == chosen})
		}
		out = append(out, row)
	}
	return out, nil
}

// promiseStatus is how a form comes back that asks about promises: it is to be filled in, nothing has failed.
func promiseStatus(err error, status int) int {
	if fault.Of(err).Key == growth.ErrAsked.Key {
		return http.StatusUnprocessableEntity
	}
	return status
}

func anyWrong(asks []asked) bool {
	return slices.ContainsFunc(asks, func(a asked) bool { return len(a.wrong) > 0 })
}
