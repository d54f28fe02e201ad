package public_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
)

var challengeField = regexp.MustCompile(`name="challenge" value="([^"]+)"`)

// openForm makes a form that everybody may fill in.
func (h *house) openForm(change func(*lead.FormIn)) lead.Form {
	h.T.Helper()
	in := lead.FormIn{Name: "Preventivi", Settings: lead.FormSettings{Title: "Chiedi un preventivo", Intro: "Ti rispondiamo <presto>.\n\nDavvero."}, Fields: []lead.Field{
		{Key: "name", Kind: lead.Short, Label: "Come ti chiami", Required: true},
		{Key: "email", Kind: lead.Email, Label: "La tua e-mail", Required: true},
		{Key: "what", Kind: lead.Choice, Label: "Che cosa", Options: []string{"Piatti", "Tazze"}},
		{Key: "plan", Kind: lead.File, Label: "Una foto"},
		{Key: "privacy", Kind: lead.Consent, Label: "Sono d’accordo.", Required: true},
	}}
	if change != nil {
		change(&in)
	}
	f, err := h.Leads.CreateForm(h.T.Context(), h.Actor(team.Owner), in)
	h.must(err)
	f, err = h.Leads.SetForm(h.T.Context(), h.Actor(team.Owner), f.ID, lead.Live)
	h.must(err)
	return f
}

func (h *house) leads() []lead.Lead {
	h.T.Helper()
	p, err := h.Leads.List(h.T.Context(), h.Actor(team.Owner), lead.Filter{})
	h.must(err)
	return p.Leads
}

// worked gives the challenge of a page with its answer.
func worked(t testing.TB, page string) (challenge, proof string) {
	t.Helper()
	m := challengeField.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no challenge")
	}
	for n := 0; ; n++ {
		if s := strconv.Itoa(n); lead.Zeros(m[1], s) >= lead.ProofBits {
			return m[1], s
		}
	}
}

func TestAFormIsFilledIn(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		f := h.openForm(nil)
		at := "/f/" + f.Code
		page := h.door.get(at+"?utm_source=volantino&utm_campaign=fiera&ponte=x").is(t, "the form", http.StatusOK)
		page.says(t, "the form", "Chiedi un preventivo", "Ti rispondiamo &lt;presto&gt;.", `name="f.email"`, `autocomplete="email"`, `name="utm_source" value="volantino"`, `enctype="multipart/form-data"`, "Sono d’accordo.", `content="noindex"`)
		if got := page.header.Get("X-Frame-Options"); got != "DENY" {
			t.Error(got)
		}
		typed := url.Values{"f.name": {"Ada <b>Neri</b>"}, "f.email": {"no"}, "f.what": {"Tazze"}, "utm_source": {"volantino"}}
		wrong := h.door.do(http.MethodPost, at, typed).is(t, "what is wrong", http.StatusUnprocessableEntity)
		wrong.says(t, "what is wrong", "Ci sono 2 cose da mettere a posto", "Non è un indirizzo e-mail", "Serve il tuo consenso", `value="Ada &lt;b&gt;Neri&lt;/b&gt;"`, `value="Tazze" checked`, `value="volantino"`, `aria-invalid="true"`)
		challenge, proof := worked(t, wrong.body)
		typed.Set("f.email", "ada@example.it")
		typed.Set("f.privacy", "yes")
		typed.Set("challenge", challenge)
		typed.Set("proof", proof)
		if got := h.door.do(http.MethodPost, at, typed).is(t, "sent", http.StatusSeeOther); got.header.Get("Location") != at+"/thanks" {
			t.Error(got.header.Get("Location"))
		}
		h.door.get(at+"/thanks").is(t, "thanks", http.StatusOK).says(t, "thanks", "Grazie, è arrivato")
		all := h.leads()
		if len(all) != 1 || all[0].Name != "Ada <b>Neri</b>" || all[0].Last.Channel != "volantino" || all[0].Last.Campaign != "" {
			t.Errorf("%+v", all)
		}
	})
}

// With a file, in a frame, in the form's own language.
func TestAFormInAFrame(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		f := h.openForm(func(in *lead.FormIn) { in.Settings.Sites, in.Settings.Locale = "https://www.arno.example", "en" })
		at := "/f/" + f.Code + "?frame=1"
		page := h.door.get(at).is(t, "the frame", http.StatusOK).says(t, "the frame", `<html lang="en"`, "lead-framed", `action="`+at+`"`, "Send")
		if got := page.header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self' https://www.arno.example") || page.header.Get("X-Frame-Options") != "" {
			t.Error(got)
		}
		if strings.Contains(page.body, "<base ") {
			t.Error("what is sent would leave the frame")
		}
		challenge, proof := worked(t, page.body)
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for k, v := range map[string]string{"f.name": "Ada", "f.email": "ada@example.it", "f.privacy": "yes", "challenge": challenge, "proof": proof} {
			h.must(w.WriteField(k, v))
		}
		part, err := w.CreateFormFile("f.plan", "pianta.pdf")
		h.must(err)
		_, err = part.Write([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"))
		h.must(err)
		h.must(w.Close())
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.door.server.URL+at, &b)
		h.must(err)
		r.Header.Set("Content-Type", w.FormDataContentType())
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Do(r)
		h.must(err)
		h.must(res.Body.Close())
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/f/"+f.Code+"/thanks?frame=1" {
			t.Fatal(res.Status, res.Header.Get("Location"))
		}
		if all := h.leads(); len(all) != 1 || all[0].Answers[len(all[0].Answers)-1].File == "" {
			t.Errorf("%+v", all)
		}
	})
}

// Without script: no proof, no mail server, one page more.
func TestAFormWithoutScript(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		f := h.openForm(nil)
		got := h.door.do(http.MethodPost, "/f/"+f.Code, url.Values{"f.name": {"Ada"}, "f.email": {"ada@example.it"}, "f.privacy": {"yes"}}).is(t, "sent", http.StatusSeeOther)
		at := got.header.Get("Location")
		if !strings.HasPrefix(at, "/f/"+f.Code+"/confirm/") || len(h.leads()) != 0 {
			t.Fatal(at)
		}
		page := h.door.get(at).is(t, "the question", http.StatusOK).says(t, "the question", "Conferma e manda", "Fra dieci secondi")
		if got := page.header.Get("Referrer-Policy"); got != "no-referrer" {
			t.Error(got)
		}
		early := h.door.do(http.MethodPost, at, url.Values{}).is(t, "too early", http.StatusTooManyRequests)
		if early.header.Get("Retry-After") == "" {
			t.Error("it is not said how long")
		}
		h.Clock.Advance(11 * time.Second)
		h.door.do(http.MethodPost, at, url.Values{}).is(t, "confirmed", http.StatusSeeOther)
		h.door.get(at).is(t, "again", http.StatusNotFound).says(t, "again", "Non c’è niente da confermare qui")
		if len(h.leads()) != 1 {
			t.Error("no lead")
		}
	})
}

func TestFormsAreNotFlooded(t *testing.T) {
	t.Parallel()
	eachHouse(t, func(t *testing.T, h *house) {
		f := h.openForm(nil)
		limited := 0
		for range 20 {
			got := h.door.do(http.MethodPost, "/f/"+f.Code, url.Values{"f.name": {"x"}, "website": {"https://spam.example"}})
			if got.status == http.StatusTooManyRequests {
				limited++
			} else if got.status != http.StatusSeeOther {
				t.Fatal(got.status)
			}
		}
		if limited != 8 || len(h.leads()) != 0 {
			t.Errorf("%d of 20 were refused, %d leads", limited, len(h.leads()))
		}
		h.door.do(http.MethodPost, "/f/"+f.Code, url.Values{}, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").is(t, "from elsewhere", http.StatusForbidden)
		h.door.do(http.MethodPost, "/f/"+f.Code, url.Values{"f.name": {strings.Repeat("x", 30<<20)}}).is(t, "too much", http.StatusUnprocessableEntity)
		h.door.get("/f/none").is(t, "no form", http.StatusNotFound)
	})
}
