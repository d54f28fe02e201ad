package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/team"
)

// The public entry of a case, and the letters back to those who raised it.

// entryUse runs something about the public entry that a request names.
func (w *Web) entryUse(rw http.ResponseWriter, r *http.Request, f caseForm, use func(ctx context.Context, a team.Actor, id growth.ImprovementID) error) error {
	f.place = "next"
	return w.caseUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, _ growth.CaseID) error {
		return use(ctx, a, growth.ImprovementID(r.PathValue("entry")))
	})
}

func (w *Web) changeEntry(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "entry", key: "casepage.entry.saved"}
	for _, name := range []string{"title", "stone", "said", "did"} {
		f.fields = append(f.fields, name+"_it", name+"_en")
	}
	return w.entryUse(rw, r, f, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.ChangeImprovement(ctx, a, id, growth.DraftIn{Title: wordsOf(r, "title"), Stone: wordsOf(r, "stone"), Said: wordsOf(r, "said"), Did: wordsOf(r, "did")})
	})
}

func (w *Web) askEntry(rw http.ResponseWriter, r *http.Request) error {
	return w.entryUse(rw, r, caseForm{key: "casepage.entry.asked.done"}, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.AskApproval(ctx, a, id)
	})
}

func (w *Web) approveEntry(rw http.ResponseWriter, r *http.Request) error {
	return w.entryUse(rw, r, caseForm{key: "casepage.entry.approved.done"}, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.ApproveImprovement(ctx, a, id)
	})
}

func (w *Web) returnEntry(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "return", fields: []string{"reason"}, key: "casepage.entry.returned"}
	return w.entryUse(rw, r, f, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.ReturnImprovement(ctx, a, id, r.PostFormValue("reason"))
	})
}

func (w *Web) publishEntry(rw http.ResponseWriter, r *http.Request) error {
	return w.entryUse(rw, r, caseForm{key: "casepage.entry.published.done"}, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.Publish(ctx, a, id)
	})
}

func (w *Web) addEntryLine(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "line", fields: []string{"it", "en", "text", "text_it", "text_en"}, key: "casepage.entry.lined"}
	return w.entryUse(rw, r, f, func(ctx context.Context, a team.Actor, id growth.ImprovementID) error {
		return w.rooms.Growth.AddLine(ctx, a, id, wordsOf(r, ""))
	})
}

// moveLetter keeps, sends or skips a letter. What is sent is what stands in the form.
func (w *Web) moveLetter(rw http.ResponseWriter, r *http.Request) error {
	id := growth.LetterID(r.PathValue("letter"))
	does := r.PostFormValue("do")
	var said weighed
	f := caseForm{name: string(id), fields: []string{"text"}, place: "letters", key: "casepage.letters.done." + does, said: &said}
	return w.caseUse(rw, r, f, func(ctx context.Context, d *desk, a team.Actor, _ growth.CaseID) error {
		switch does {
		case "skip":
			return w.rooms.Growth.SkipLetter(ctx, a, id)
		case "change", "send":
			if err := w.rooms.Growth.ChangeLetter(ctx, a, id, r.PostFormValue("text")); err != nil || does == "change" {
				return err
			}
			var err error
			if said, err = d.weigh(strings.TrimSpace(r.PostFormValue("text"))); err != nil {
				return err
			}
			err = w.rooms.Growth.SendLetter(ctx, a, id, said.Said)
			d.wrongPromises(said, err)
			return err
		}
		return fault.New(fault.Invalid, "web.filter.unknown")
	})
}
