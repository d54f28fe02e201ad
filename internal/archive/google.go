package archive

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// google reads the reviews of a Google Business Profile as Takeout writes them; the fields are those of the API
// (https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews).
type google struct{ s *scan }

func newGoogle(s *scan) reader { return google{s} }

func claimsGoogle(_ string, head []byte) bool {
	b := bare(head)
	return isJSON(b) && has(b, `"reviews":[`, `"starRating":`)
}

func (g google) learns(name string) bool { return g.reads(name) || base(name) == "data.json" }

func (g google) reads(name string) bool {
	return g.s.known[name] || strings.HasPrefix(base(name), "reviews") && strings.HasSuffix(base(name), ".json")
}

func (g google) learn(f file) error {
	want := func(p string) bool {
		return p == "title" || p == "locationName" || p == "reviews[].name" && g.s.me.RemoteID == ""
	}
	return readJSON(g.s, f, want, func(p string, raw []byte, _ int) error {
		var words string
		if json.Unmarshal(raw, &words) != nil || words == "" {
			return nil
		}
		if p != "reviews[].name" {
			g.s.me.Name, g.s.me.Handle = words, words
			return nil
		}
		if place, _, ok := strings.Cut(words, "/reviews/"); ok {
			g.s.me.RemoteID = place
			if g.s.me.Handle == "" {
				g.s.me.Handle = place
			}
			if g.s.Me != "" {
				g.s.me.Handle, g.s.me.Name = tidy(g.s.Me), tidy(g.s.Me)
			}
		}
		return nil
	})
}

type review struct {
	Name     string
	Reviewer struct {
		DisplayName     string
		ProfilePhotoURL string `json:"profilePhotoUrl"`
	}
	StarRating  string
	Comment     string
	CreateTime  time.Time
	UpdateTime  time.Time
	ReviewReply *struct {
		Comment    string
		UpdateTime time.Time
	}
}

func (g google) read(f file) error {
	return readJSON(g.s, f, func(p string) bool { return p == "reviews[]" }, func(_ string, raw []byte, line int) error {
		var r review
		if json.Unmarshal(raw, &r) != nil || r.Name == "" {
			return g.s.skip(UnreadShape, "", f, line)
		}
		stars := map[string]int{"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}[r.StarRating]
		it := network.Item{
			RemoteID: r.Name, RootID: r.Name, Kind: network.KindReview, Text: r.Comment, Stars: stars, At: r.CreateTime,
			// A reviewer writes one review of a place: its name stands for the person, who is told in no other way.
			Author: network.Author{RemoteID: r.Name, Handle: r.Reviewer.DisplayName, Name: r.Reviewer.DisplayName, AvatarURL: r.Reviewer.ProfilePhotoURL},
		}
		if r.UpdateTime.After(r.CreateTime) {
			it.EditedAt = r.UpdateTime
		}
		if err := g.s.put(it, f, line); err != nil || r.ReviewReply == nil {
			return err
		}
		return g.s.put(network.Item{
			RemoteID: r.Name + "/reply", ParentID: r.Name, RootID: r.Name, Kind: network.KindReply, Mine: true, Text: r.ReviewReply.Comment, At: r.ReviewReply.UpdateTime,
		}, f, line)
	})
}
