package archive_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/network"
)

// bigExport writes an archive of n posts.
func bigExport(n int) string {
	var b strings.Builder
	b.WriteString("window.YTD.tweets.part0 = [")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"tweet":{"edit_info":{"initial":{"editTweetIds":["%d"],"isEditEligible":true}},"retweeted":false,"source":"<a href=\"https://forno.example\">x</a>",`+
			`"entities":{"hashtags":[],"urls":[]},"id_str":"%d","full_text":"Pane alle sette, focaccia alle otto, numero %d","created_at":"Wed Apr 05 09:30:00 +0000 2023","lang":"it"}}`, i, i, i)
	}
	b.WriteByte(']')
	return b.String()
}

// Reading an export beside decoding the same bytes into the same fields at once, which holds all of it in memory.
func BenchmarkRead(b *testing.B) {
	whole := bigExport(50_000)
	path := save(b, "tweets.js", []byte(whole))
	b.Run("export", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			err := archive.Feed(archive.X, "tweets.js", []byte(whole), archive.Options{Limits: archive.Usual()}, func(network.Item) error { n++; return nil })
			if err != nil || n != 50_000 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("survey", func(b *testing.B) { // with looking at what it is, and its digest
		b.SetBytes(int64(len(whole)))
		for b.Loop() {
			if _, err := archive.Survey(b.Context(), []string{path}, archive.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(whole)))
		b.ReportAllocs()
		for b.Loop() {
			raw, err := os.ReadFile(path)
			check(b, err)
			var all []struct {
				Tweet struct {
					ID   string `json:"id_str"`
					Text string `json:"full_text"`
					At   string `json:"created_at"`
					Lang string `json:"lang"`
				} `json:"tweet"`
			}
			if err := json.Unmarshal(raw[strings.IndexByte(string(raw[:100]), '['):], &all); err != nil || len(all) != 50_000 {
				b.Fatal(err)
			}
		}
	})
}
