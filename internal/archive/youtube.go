package archive

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
)

// youtube reads the comments of a channel as Takeout writes them: comments.csv, whose words are pieces of JSON.
type youtube struct{ s *scan }

func newYouTube(s *scan) reader { return youtube{s} }

func claimsYouTube(name string, head []byte) bool {
	if !hasEnding(name, ".csv") {
		return false
	}
	names := splitHead(firstLine(head))
	return slices.Contains(names, "comment id") && slices.Contains(names, "video id") && slices.Contains(names, "comment text")
}

func (y youtube) learns(name string) bool { return y.reads(name) }
func (y youtube) reads(name string) bool  { return y.s.known[name] }

func (y youtube) learn(f file) error {
	return y.s.csv(f, func(r row, _ int) error {
		if id := strings.TrimSpace(r["channel id"]); id != "" && y.s.me.RemoteID == "" {
			y.s.me.RemoteID, y.s.me.Handle, y.s.me.URL = id, id, "https://www.youtube.com/channel/"+id
			if y.s.Me != "" {
				y.s.me.Handle, y.s.me.Name = tidy(y.s.Me), tidy(y.s.Me)
			}
		}
		return nil
	})
}

// pieces joins the words of a comment: {"text":"a"},{"text":"b"}, or a list of the same.
func pieces(s string) string {
	type part struct {
		Text string `json:"text"`
	}
	var all []part
	if json.Unmarshal([]byte(s), &all) != nil && json.Unmarshal([]byte("["+s+"]"), &all) != nil {
		return s
	}
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Text)
	}
	return b.String()
}

func (y youtube) read(f file) error {
	return y.s.csv(f, func(r row, line int) error {
		id, video := r["comment id"], r["video id"]
		if id == "" {
			return y.s.skip(UnreadShape, "", f, line)
		}
		it := network.Item{
			RemoteID: id, ParentID: r["parent comment id"], RootID: video, Kind: network.KindReply, Mine: true, Text: pieces(r["comment text"]),
			At: y.s.moment(strings.TrimSuffix(r["comment create timestamp"], " UTC")),
		}
		if it.ParentID == "" {
			it.ParentID = video
		}
		if video != "" {
			it.URL = "https://www.youtube.com/watch?v=" + video + "&lc=" + id
		}
		return y.s.put(it, f, line)
	})
}
