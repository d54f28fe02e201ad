package audience_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
)

// Ada is masked wherever she is meant, and nobody else is.
func TestMask(t *testing.T) {
	t.Parallel()
	ada := []audience.Identity{
		{Network: network.Mastodon, RemoteID: "1234567890", Handle: "Ada@one.example", URL: "https://one.example/@ada", AvatarURL: "https://files.example/ada.png"},
		{Network: network.Bluesky, RemoteID: "did:plc:abcdefgh", Handle: "ada.two.example", URL: "https://bsky.app/profile/ada.two.example"},
	}
	names := []string{"Ada Rossi", "Al"}
	for text, want := range map[string]struct{ far, near string }{
		"":                                {"", ""},
		"Grazie a tutti":                  {"Grazie a tutti", "Grazie a tutti"},
		"@ada@one.example grazie":         {"@… grazie", "@… grazie"},
		"(@ADA@ONE.EXAMPLE)":              {"(@…)", "(@…)"},
		"scrivi a ada@one.example.":       {"scrivi a ….", "scrivi a …."},
		"@ada@one.example.org è un'altra": {"@ada@one.example.org è un'altra", "@ada@one.example.org è un'altra"},
		"nada@one.example":                {"nada@one.example", "nada@one.example"},
		"@ada, ci sei?":                   {"@ada, ci sei?", "@…, ci sei?"},
		"@adamo ci sei?":                  {"@adamo ci sei?", "@adamo ci sei?"},
		"@ada@tre.example ci sei?":        {"@ada@tre.example ci sei?", "@ada@tre.example ci sei?"},
		"@ada-maria ci sei?":              {"@ada-maria ci sei?", "@ada-maria ci sei?"},
		"ciao @ada.":                      {"ciao @ada.", "ciao @…."},
		"@ada.two.example":                {"@…", "@…"},
		"@ada.two.example.it":             {"@ada.two.example.it", "@ada.two.example.it"},
		"vedi https://one.example/@ada/77?x=1 e poi":       {"vedi … e poi", "vedi … e poi"},
		"https://bsky.app/profile/did:plc:abcdefgh/post/1": {"…", "…"},
		"https://altro.example/@ada":                       {"https://altro.example/@ada", "https://altro.example/@…"},
		"la signora Ada  Rossi dice":                       {"la signora Ada  Rossi dice", "la signora … dice"},
		"ADA ROSSI e Ada Rossini":                          {"ADA ROSSI e Ada Rossini", "… e Ada Rossini"},
		"Al mare":                                          {"Al mare", "Al mare"}, // too short a name to mean anybody
		"at://did:plc:abcdefgh/x/1":                        {"at://…/x/1", "at://…/x/1"},
		"ordine 1234567890":                                {"ordine 1234567890", "ordine 1234567890"},
		`[{"URL":"https://one.example/@ada/9","Alt":"x"}]`: {`[{"URL":"…","Alt":"x"}]`, `[{"URL":"…","Alt":"x"}]`},
	} {
		if got := audience.MaskWith(ada, names, text, false); got != want.far {
			t.Errorf("%q anywhere: %q, want %q", text, got, want.far)
		}
		if got := audience.MaskWith(ada, names, text, true); got != want.near {
			t.Errorf("%q near: %q, want %q", text, got, want.near)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("ciao @ada@one.example, vedi https://one.example/@ada", "Ada Rossi")
	f.Add("İ@ada ß", "ß i")
	f.Fuzz(func(t *testing.T, text, name string) {
		who := []audience.Identity{{Network: network.Mastodon, Handle: "ada@one.example", URL: "https://one.example/@ada"}}
		once := audience.MaskWith(who, []string{name}, text, true)
		_ = audience.MaskWith(who, []string{name}, once, true)
	})
}
