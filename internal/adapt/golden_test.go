package adapt_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/adapt"
)

var update = flag.Bool("update", false, "write the golden files anew")

// One message, as it goes to every network.
func TestGolden(t *testing.T) {
	t.Parallel()
	m := adapt.Message{
		Title:    "Il forno grande è acceso",
		Language: "it",
		Text: "**Il forno grande è acceso.** Dopo tre giorni a 1.280 °C i vasi di @[Ada Rossi](per_ada) e @[Bruno Neri](per_nobody) sono pronti, e per la prima volta nessuno si è crepato.\n\n" +
			"«Nessuno ci credeva», dice il dott. Bianchi. Noi *sì*, e anche voi: 312 persone ci hanno scritto quando il primo si ruppe (nel 2024). Grazie! 🎉\n\n" +
			"Come ci siamo riusciti, con gli errori e i conti, sta [nella nostra guida](https://arno.example.org/guida?capitolo=3#forno); le foto sono su https://arno.example.org/foto. Che cosa vorreste vedere uscire per primo?\n\n" +
			"#ceramica #Firenze",
		Media: []adapt.Media{
			{Kind: adapt.Image, MIME: "image/jpeg", Bytes: 6_500_000, Width: 6000, Height: 2500, Alt: "Il forno aperto, dentro dodici vasi rossi", FocusX: 0.4},
			{Kind: adapt.Image, MIME: "image/webp", Bytes: 300_000, Width: 1200, Height: 1500},
		},
	}
	var b strings.Builder
	for _, n := range adapt.Networks() {
		v := adapt.Fit(m, adapt.Target{Network: n, Numbering: true, Handle: at(n), UTM: &adapt.UTM{Campaign: "forno"}, Footer: "Ceramiche Arno", ExtraTags: []string{"fattoamano"}})
		fmt.Fprintf(&b, "===== %s, refused: %v\n", n, v.Refused())
		for i, p := range v.Parts {
			fmt.Fprintf(&b, "--- part %d: %d of %d %s, media %v", i+1, p.Length, p.Limit, p.Unit, p.Media)
			if p.Title != "" {
				fmt.Fprintf(&b, ", title %q", p.Title)
			}
			if p.Card != "" {
				fmt.Fprintf(&b, ", card %s", p.Card)
			}
			if len(p.Tags) > 0 {
				fmt.Fprintf(&b, ", tags %v", p.Tags)
			}
			fmt.Fprintf(&b, "\n%s\n", p.Text)
			if p.Markup != "" {
				fmt.Fprintf(&b, "--- sent\n%s\n", p.Markup)
			}
			for _, s := range said(p, n) {
				fmt.Fprintf(&b, "    %s\n", s)
			}
		}
		for _, x := range v.Notes {
			fmt.Fprintf(&b, "  %s %s %v part %d media %d\n", x.Level, x.Key, x.Args, x.Part, x.Media)
		}
	}
	path := filepath.Join("testdata", "adapted.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("adapted otherwise (-update writes it anew):\n%s", diff)
	}
}

// at gives names as each network has them.
func at(n adapt.Network) func(string) (string, bool) {
	return func(id string) (string, bool) {
		h, ok := map[adapt.Network]string{
			adapt.Mastodon: "ada@example.org", adapt.Bluesky: "ada.example.org", adapt.LinkedIn: "urn:li:person:ada", adapt.Telegram: "tg://user?id=5",
			adapt.X: "ada_rossi", adapt.Instagram: "ada.rossi", adapt.Threads: "ada.rossi",
		}[n]
		return h, ok && id == "per_ada"
	}
}
