package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// letterChoices are of which troubles the member gets a letter; nil for who hears of none.
func (w *Web) letterChoices(r *http.Request) (*view.Letters, error) {
	v := visitOf(r)
	if !v.person.Role.Can(team.PostsRead) && !v.person.Role.Can(team.InboxRead) {
		return nil, nil
	}
	c, err := w.rooms.Notices.Choice(r.Context(), v.person)
	if err != nil {
		return nil, err
	}
	out := &view.Letters{Off: !w.rooms.Notices.Letters(), Email: v.me.Email}
	all := v.person.Role.Can(team.PostsPublish) || v.person.Role.Can(team.InboxReply)
	for _, k := range notice.Kinds {
		s := view.SelectProps{Name: string(k), ID: "letters-" + string(k), Label: v.words.T("account.letters." + string(k))}
		for _, reach := range notice.Reaches {
			if reach == notice.All && !all && c.Of(k) != notice.All {
				continue
			}
			s.Options = append(s.Options, view.Option{Value: string(reach), Label: v.words.T("account.letters.of." + string(reach)), Selected: reach == c.Of(k)})
		}
		out.Kinds = append(out.Kinds, s)
	}
	return out, nil
}

func (w *Web) chooseLetters(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	of := func(k notice.Kind) notice.Reach { return notice.Reach(r.PostFormValue(string(k))) }
	err := w.rooms.Notices.Choose(r.Context(), v.person, notice.Choice{Failed: of(notice.Failed), Unconfirmed: of(notice.Unconfirmed), Late: of(notice.Late)})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.accountPage(rw, r, wrong.Status, view.Account{Name: v.me.Name, Job: v.me.Job, Form: "letters", Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile+"#letters", "account.letters.saved")
}
