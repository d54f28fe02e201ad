package archive_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
)

// fuzz feeds a reader with anything: it ends, what it gives can be told apart and dated, its errors are faults with words, and the same
// bytes give the same things.
func fuzz(f *testing.F, format archive.Format, name string, seeds ...string) {
	f.Helper()
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	l := archive.Usual()
	l.Piece = 1 << 16
	o := archive.Options{Me: "Il Forno", Network: "forum", Zone: time.UTC, Limits: l}
	f.Fuzz(func(t *testing.T, b []byte) {
		var first []string
		err := archive.Feed(format, name, b, o, func(it network.Item) error {
			if it.RemoteID == "" || it.Version == "" || !network.Sane(it.At) || it.Kind == "" || it.Visibility == "" {
				t.Fatalf("%+v", it)
			}
			first = append(first, it.RemoteID+it.Version)
			return nil
		})
		if err != nil {
			if _, ours := errors.AsType[*fault.Error](err); !ours {
				t.Fatalf("%v", err)
			}
		}
		i := 0
		_ = archive.Feed(format, name, b, o, func(it network.Item) error {
			if i >= len(first) || first[i] != it.RemoteID+it.Version {
				t.Fatalf("another %q", it.RemoteID)
			}
			i++
			return nil
		})
	})
}

func FuzzMastodon(f *testing.F) {
	fuzz(f, archive.Mastodon, "outbox.json", mastodonExport()[1][1], `{"orderedItems":[{"type":"Create","object":{"id":"1"}}]}`)
}

func FuzzBluesky(f *testing.F)  { fuzz(f, archive.Bluesky, "repo.car", string(blueskyExport())) }
func FuzzX(f *testing.F)        { fuzz(f, archive.X, "tweets.js", xExport()[2][1]) }
func FuzzXMessage(f *testing.F) { fuzz(f, archive.X, "direct-messages.js", xExport()[3][1]) }
func FuzzTelegram(f *testing.F) { fuzz(f, archive.Telegram, "result.json", telegramExport()[0][1]) }
func FuzzGoogle(f *testing.F)   { fuzz(f, archive.Google, "reviews.json", googleExport()[1][1]) }
func FuzzFacebook(f *testing.F) {
	fuzz(f, archive.Facebook, "a/message_1.json", facebookExport()[1][1])
}

func FuzzPosts(f *testing.F) { fuzz(f, archive.Facebook, "your_posts_1.json", facebookExport()[2][1]) }

func FuzzComments(f *testing.F) {
	fuzz(f, archive.Instagram, "post_comments_1.json", facebookExport()[3][1], instagramExport()[2][1])
}

func FuzzWhatsApp(f *testing.F) {
	fuzz(f, archive.WhatsApp, "_chat.txt", whatsappItalian, whatsappEnglish)
}

func FuzzTable(f *testing.F) { fuzz(f, archive.Table, "x.csv", tableExport, "time;text;stars\n") }
func FuzzLines(f *testing.F) { fuzz(f, archive.Lines, "x.jsonl", linesExport) }
