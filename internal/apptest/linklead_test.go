package apptest_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
)

// A lead knows the link that brought somebody to the form, and takes no mark that is made up.
func TestALeadKnowsTheLinkThatBroughtIt(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{})
	ctx, by := t.Context(), h.Owner.Actor()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := h.Leads.CreateForm(ctx, by, lead.FormIn{Name: "Quotes", Fields: []lead.Field{{Key: "email", Kind: lead.Email, Label: "E-mail", Required: true}}})
	must(err)
	_, err = h.Leads.SetForm(ctx, by, f.ID, lead.Live)
	must(err)
	x, err := h.Links.Create(ctx, by, link.In{Target: h.URL() + "/f/" + f.Code, Channel: "print", Campaign: "spring"})
	must(err)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/l/"+x.Code, nil)
	must(err)
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")
	res, err := opener.Do(req)
	must(err)
	must(res.Body.Close())
	to, err := url.Parse(res.Header.Get("Location"))
	must(err)
	mark := to.Query().Get(link.Param)
	if mark == "" {
		t.Fatalf("%d to %s names no visit", res.StatusCode, to)
	}
	send := func(email, mark string) lead.Lead {
		t.Helper()
		s, err := h.Leads.Show(ctx, f.Code, nil)
		must(err)
		n := 0
		for lead.Zeros(s.Challenge, strconv.Itoa(n)) < lead.ProofBits {
			n++
		}
		_, err = h.Leads.Submit(ctx, f.Code, lead.Sent{Values: map[string][]string{"email": {email}}, Challenge: s.Challenge, Proof: strconv.Itoa(n), Mark: mark})
		must(err)
		all, err := h.Leads.List(ctx, by, lead.Filter{Limit: 10})
		must(err)
		for _, l := range all.Leads {
			if l.Email == email {
				return l
			}
		}
		t.Fatalf("no lead of %s", email)
		return lead.Lead{}
	}
	if l := send("ada@example.org", mark); l.Last.Link != string(x.ID) || l.First.Link != string(x.ID) || l.Last.Campaign != "spring" || l.Last.Channel != "print" || l.Last.At.IsZero() {
		t.Errorf("first %+v, last %+v", l.First, l.Last)
	}
	if l := send("bea@example.org", "zzz"); l.First.Link != "" || l.Last.Link != "" {
		t.Errorf("a made up mark: first %+v, last %+v", l.First, l.Last)
	}
}
