package lead_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// postbox keeps the letters that leave.
type postbox struct {
	mu  sync.Mutex
	all []mail.Letter
	off bool
}

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, l)
	return nil
}

func (p *postbox) Configured() bool { return !p.off }

func (p *postbox) letters() []mail.Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]mail.Letter{}, p.all...)
}

type bed struct {
	*housetest.House
	box   *postbox
	owner team.Actor
}

func newBed(t testing.TB, s *store.Store) *bed {
	t.Helper()
	box := &postbox{}
	h := housetest.New(t, s, housetest.Options{Mail: box})
	return &bed{House: h, box: box, owner: h.Actor(team.Owner)}
}

// each runs a test on every database.
func each(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, newBed(t, s)) })
}

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wants checks that an error is of a kind and a key.
func wants(t testing.TB, err error, k fault.Kind, key string) {
	t.Helper()
	if e := fault.Of(err); err == nil || e.Kind != k || e.Key != key {
		t.Errorf("%v, want %s %s", err, k, key)
	}
}

// wrongs gives what is wrong with which field.
func wrongs(err error) map[string]string {
	out := map[string]string{}
	if e := fault.Of(err); e != nil {
		for _, f := range e.Fields {
			out[f.Name] = f.Key
		}
	}
	return out
}

var fields = []lead.Field{
	{Key: "name", Kind: lead.Short, Label: "Come ti chiami", Required: true},
	{Key: "email", Kind: lead.Email, Label: "La tua e-mail", Required: true},
	{Key: "phone", Kind: lead.Phone, Label: "Telefono"},
	{Key: "what", Kind: lead.Choice, Label: "Che cosa ti serve", Options: []string{"Un preventivo", "Una visita"}},
	{Key: "rooms", Kind: lead.Several, Label: "Per quali stanze", Options: []string{"Cucina", "Bagno", "Terrazza"}},
	{Key: "pieces", Kind: lead.Number, Label: "Quanti pezzi"},
	{Key: "when", Kind: lead.Date, Label: "Per quando"},
	{Key: "more", Kind: lead.Long, Label: "Altro"},
	{Key: "plan", Kind: lead.File, Label: "Una pianta"},
	{Key: "privacy", Kind: lead.Consent, Label: "Ho letto l’informativa.", Required: true},
	{Key: "news", Kind: lead.Consent, Label: "Voglio le novità."},
}

// form makes a form that is open.
func (b *bed) form(t testing.TB, change func(*lead.FormIn)) lead.Form {
	t.Helper()
	in := lead.FormIn{Name: "Preventivi", Fields: fields}
	if change != nil {
		change(&in)
	}
	f := must[lead.Form](t)(b.Leads.CreateForm(t.Context(), b.owner, in))
	return must[lead.Form](t)(b.Leads.SetForm(t.Context(), b.owner, f.ID, lead.Live))
}

// values are what somebody types.
func values(more ...string) map[string][]string {
	v := map[string][]string{
		"name": {"Ada Neri"}, "email": {"Ada@Example.it"}, "phone": {"055 12 34 56"}, "what": {"Un preventivo"}, "rooms": {"Bagno", "Cucina"}, "pieces": {"12,5"},
		"when": {"2026-05-02"}, "more": {"Vorrei piastrelle blu.\r\nGrazie"}, "privacy": {"yes"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = []string{more[i+1]}
	}
	return v
}

// prove works on a challenge as a browser does.
func prove(challenge string) string {
	for n := 0; ; n++ {
		if s := strconv.Itoa(n); lead.Zeros(challenge, s) >= lead.ProofBits {
			return s
		}
	}
}

// send fills a form in, with a proof.
func (b *bed) send(t testing.TB, f lead.Form, in lead.Sent) (lead.Answered, error) {
	t.Helper()
	s := must[lead.Shown](t)(b.Leads.Show(t.Context(), f.Code, nil))
	in.Challenge = s.Challenge
	in.Proof = prove(s.Challenge)
	return b.Leads.Submit(t.Context(), f.Code, in)
}

func (b *bed) all(t testing.TB) []lead.Lead {
	t.Helper()
	return must[lead.Page](t)(b.Leads.List(t.Context(), b.owner, lead.Filter{Limit: 200})).Leads
}

// until waits for work that is done elsewhere.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for range 400 {
		if f() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}
