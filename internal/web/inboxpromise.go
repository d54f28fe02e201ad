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

// answer sends an answer. When it promises something, what becomes of that is asked first; then asks are what to ask.
func (d *desk) answer(in inbox.ReplyIn) (out inbox.Reply, asks []asked, err error) {
	said, told := d.promisesOf()
	noticed, err := d.rooms.Growth.Notice(d.ctx(), d.v.actor, in.Text)
	if err != nil {
		return out, nil, err
	}
	// What was said about sentences that are still there stays; sentences that are new are asked about.
	missing := false
	for _, n := range noticed {
		i := slices.IndexFunc(said, func(a asked) bool { return a.Text == n.Text })
		if i >= 0 {
			asks = append(asks, said[i])
			continue
		}
		missing = true
		a := asked{PromiseIn: growth.PromiseIn{Text: n.Text, Owner: d.v.actor.Member, DueAt: n.DueAt}}
		if !n.DueAt.IsZero() {
			a.due = n.DueAt.In(d.zone).Format(time.DateOnly)
		}
		asks = append(asks, a)
	}
	if missing && told {
		return out, asks, growth.ErrAsked
	}
	answer := growth.AnswerIn{ReplyIn: in, NoPromise: told && !missing}
	var kept []int
	for i, a := range asks {
		if told && !a.no {
			answer.Promises = append(answer.Promises, a.PromiseIn)
			kept = append(kept, i)
		}
	}
	out, err = d.rooms.Growth.Answer(d.ctx(), d.v.actor, answer)
	if fault.KindOf(err) == fault.Invalid && told {
		d.wrongPromises(asks, kept, err)
	}
	return out, asks, err
}

// wrongPromises puts what is wrong with a promise beside its field. kept says which of asks each promise was.
func (d *desk) wrongPromises(asks []asked, kept []int, err error) {
	for _, f := range fault.Of(err).Fields {
		for n, i := range kept {
			for _, name := range []string{"text", "due", "owner", "case"} {
				if f.Name == "promises."+strconv.Itoa(n)+"."+name {
					if asks[i].wrong == nil {
						asks[i].wrong = map[string]string{}
					}
					asks[i].wrong[name] = sayField(d.v.words, f)
				}
			}
		}
	}
}

// askViews draws what is asked. The case of the conversation is offered first.
func (d *desk) askViews(asks []asked, t inbox.Thread) ([]view.PromiseAsk, error) {
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
	var cases []growth.Case
	if d.v.actor.Can(team.GrowthRead) {
		page, err := d.rooms.Growth.Cases(d.ctx(), d.v.actor, growth.CaseFilter{States: openStates, Limit: intoMost})
		if err != nil {
			return nil, err
		}
		cases = page.Cases
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
