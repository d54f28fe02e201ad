package network_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/network"
)

func TestAChannelSaysHowItDoesInPlainWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	well := network.Channel{
		Handle: us, ServerURL: "https://fake.example", State: network.Active, Scopes: []string{"read", "write"},
		Health: network.Health{LastSuccess: now.Add(-time.Minute), NextLook: now.Add(time.Hour), BackfillDone: true, Items: 1},
	}
	with := func(f func(*network.Channel)) network.Channel {
		c := well
		f(&c)
		return c
	}
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	say := func(lang string, c network.Channel) []string {
		l := catalog.For(lang)
		var out []string
		for _, line := range c.Lines(now) {
			args := map[string]any{}
			for k, v := range line.Args {
				if at, ok := v.(time.Time); ok {
					v = l.Moment(at, now)
				}
				args[k] = v
			}
			s := l.T(line.Key, args)
			if line.Plural {
				s = l.N(line.Key, line.Count, args)
			}
			if strings.Contains(s, "[") || strings.Contains(s, "<no value>") || line.About == "" || line.Tone == "" {
				t.Errorf("%s %+v: %q", lang, line, s)
			}
			out = append(out, string(line.Tone)+": "+s)
		}
		return out
	}
	for name, tc := range map[string]struct {
		channel network.Channel
		want    []string // the first lines
	}{
		"well": {well, []string{
			"fine: Funziona: Ponte legge quello che arriva.", "fine: @ponte@fake.example su fake.example",
			"fine: Permessi dati dal server: read, write", "fine: Ultima risposta buona: oggi alle 08:59", "fine: 1 cosa ricevuta",
			"fine: Il collegamento non ha una scadenza.", "fine: Prossimo controllo di account e permessi: oggi alle 10:00",
		}},
		"new": {with(func(c *network.Channel) { c.Health, c.Scopes = network.Health{}, nil }), []string{
			"wait: Sta leggendo quello che il server conserva ancora. Puoi già rispondere.", "fine: @ponte@fake.example su fake.example",
			"fine: Il server non dice quali permessi ha dato.", "wait: Non ha ancora risposto.",
		}},
		"soon over": {with(func(c *network.Channel) { c.Expires = now.Add(49 * time.Hour) }), []string{
			"fine: Funziona: Ponte legge quello che arriva.", "act: Ricollega l’account: ci vuole un minuto, e niente va perso.",
		}},
		"trouble": {with(func(c *network.Channel) {
			c.Health.Problem = &network.Trouble{Key: network.ProblemUnreachable, Args: map[string]any{"host": "fake.example"}, Verdict: network.Later}
		}), []string{"wait: fake.example non è raggiungibile."}},
		"broken": {with(func(c *network.Channel) {
			c.State = network.Broken
			c.Health.Problem = &network.Trouble{Key: network.ProblemRevoked, Args: map[string]any{"host": "fake.example"}, Verdict: network.Reconnect}
		}), []string{"act: fake.example non accetta più la chiave che aveva dato a Ponte."}},
		"broken, nobody knows why": {with(func(c *network.Channel) { c.State = network.Broken }), []string{"act: Il collegamento si è interrotto."}},
		"paused":                   {with(func(c *network.Channel) { c.State = network.Paused }), []string{"wait: In pausa: non legge e non manda."}},
		"gone":                     {with(func(c *network.Channel) { c.State = network.Gone }), []string{"fine: Scollegato: quello che aveva ricevuto c’è ancora."}},
		"sample":                   {with(func(c *network.Channel) { c.Sample = true }), []string{"fine: Canale di esempio: non legge e non manda."}},
	} {
		got := say("it", tc.channel)
		if diff := cmp.Diff(tc.want, got[:min(len(got), len(tc.want))]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if en := say("en", tc.channel); len(en) != len(got) {
			t.Errorf("%s: %v", name, en)
		}
	}
	for _, lang := range i18n.Langs {
		l := catalog.For(lang)
		for _, key := range []string{
			network.ErrNoChannel.Key, network.ErrGone.Key, network.ErrBroken.Key, network.ErrNotPaused.Key, network.ErrJoin.Key, network.ErrJoinMissing.Key,
			network.ErrJoinLate.Key, network.ErrProbeSoon.Key, network.ErrSampleOnly.Key, "network.unknown", "channel.name.length", "channel.identifier.missing",
			"channel.password.missing", network.ProblemUnknown, network.ProblemPaused, network.ProblemGoneCh, network.ProblemSample, network.ProblemStoring,
			network.ProblemSecrets, network.ProblemSwapped,
		} {
			if !l.Has(key) || !l.Has(key+".remedy") {
				t.Errorf("%s: no words or no remedy for %s", lang, key)
			}
		}
	}
}

func TestAProblemIsAFaultOfTheRightKind(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]fault.Kind{
		network.ProblemAddress: fault.Invalid, network.ProblemCredentials: fault.Invalid, network.ProblemRate: fault.Limited,
		network.ProblemTimeout: fault.Upstream, network.ProblemRevoked: fault.Upstream,
	} {
		if got := (&network.Problem{Key: key}).Fault().Kind; got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}
