package journey_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

// sample is a house with the sample company, as `ponte demo` makes it; its owner and a guest have the password of apptest.
func sample(t *testing.T) (h *apptest.House, owner, guest team.Member) {
	t.Helper()
	h = apptest.Start(t, apptest.Options{Empty: true})
	company, owner, err := h.FillSample(t.Context(), team.Command(""))
	must(t, err)
	h.Company = company
	link, err := h.Signin.Reset(t.Context(), team.Command(company.ID), signin.ResetIn{Member: owner.ID})
	must(t, err)
	_, err = h.Signin.UseLink(t.Context(), signin.UseLinkIn{Token: link, Password: apptest.Password})
	must(t, err)
	h.Owner = h.SignIn(owner.Email)
	return h, owner, h.Add(team.Guest, "ospite@ceramichearno.example", "Gino Ospiti").Member
}
