package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/team"
)

// Comes tells who asks, and whether over TLS, as this door sees it: for a door beside it.
func (w *Web) Comes(r *http.Request) (remote string, secure bool) { return w.comes(r) }

// Inside tells whether a request comes from a member of a company, or of somebody who looks round it: for a door beside this
// one that shows members more than strangers. It changes nothing, and who cannot be recognised is a stranger.
func (w *Web) Inside(r *http.Request, c team.CompanyID) bool {
	v := &visit{}
	v.remote, v.secure = w.comes(r)
	token := cookieValue(r, w.sessionCookie(v))
	if token == "" {
		return false
	}
	actor, session, err := w.rooms.Signin.ByToken(r.Context(), token)
	if err != nil || session.NeedsFactor {
		return false
	}
	return actor.Company == c || session.Person.Company == c
}
