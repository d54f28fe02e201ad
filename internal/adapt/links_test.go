package adapt_test

import (
	"slices"
	"testing"

	"github.com/ponte-desk/ponte/internal/adapt"
)

func TestLinks(t *testing.T) {
	t.Parallel()
	const text = "Vedi [qui](https://example.org/a_(b)), https://esempio.it/forno?x=1. E arno.it, ma non casa@arno.it né https://exampl"
	var got []string
	for _, l := range adapt.Links(text) {
		got = append(got, text[l.Start:l.End]+" "+l.Address)
		if whole := l.Address != "https://exampl"; l.Whole() != whole {
			t.Errorf("%s: %v", l.Address, l.Whole())
		}
	}
	want := []string{
		"[qui](https://example.org/a_(b)) https://example.org/a_(b)", "https://esempio.it/forno?x=1 https://esempio.it/forno?x=1", "arno.it https://arno.it",
		"https://exampl https://exampl",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for address, whole := range map[string]bool{
		"https://arno.it": true, "https://Arno.IT./x": true, "http://127.0.0.1:80/": true, "http://[::1]/": true, "https://bottega.github.io": true,
		"https://it": false, "https://arno.nonesuch": false, "https://a:b@arno.it": false, "ftp://arno.it": false, "https://co.uk": false, "https://": false,
	} {
		if (adapt.Link{Address: address}).Whole() != whole {
			t.Errorf("%s", address)
		}
	}
	// What Mark writes is what Fit writes.
	u := &adapt.UTM{Medium: "social", Campaign: "forno"}
	v := adapt.Fit(adapt.Message{Text: "Vedi https://arno.it/a?b#c"}, adapt.Target{Network: adapt.Bluesky, UTM: u})
	if m := u.Mark("https://arno.it/a?b#c", adapt.Bluesky); v.Parts[0].Card != m || m == "https://arno.it/a?b#c" {
		t.Errorf("%s, not %s", v.Parts[0].Card, m)
	}
	if (*adapt.UTM)(nil).Mark("https://arno.it", adapt.Bluesky) != "https://arno.it" {
		t.Error("nothing marks nothing")
	}
}
