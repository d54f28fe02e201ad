package post

import (
	"context"
	"fmt"
	"strings"

	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

const (
	mostShelf  = 48  // files that are offered again
	shelfPosts = 200 // the posts that are looked through for them
)

// Library gives the files that the company's posts carried lately, each once, the latest first, with the descriptions they were given. search
// finds words in descriptions and names; "" gives all. It needs PostsWrite.
func (p *Posts) Library(ctx context.Context, actor team.Actor, search string) ([]media.File, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return nil, err
	}
	used, err := p.usedMedia(ctx, actor.Company, shelfPosts)
	if err != nil {
		return nil, fmt.Errorf("post.Library: %w", err)
	}
	words := strings.Fields(text.Fold(search))
	seen := map[media.ID]bool{}
	var out []media.File
	for _, x := range used {
		if seen[x.ID] || len(out) == mostShelf {
			continue
		}
		seen[x.ID] = true
		f, err := p.rooms.Media.Get(ctx, string(actor.Company), x.ID)
		if err != nil {
			continue // it is gone
		}
		if f.Alt == "" {
			f.Alt = x.Alt
		}
		if has(text.Fold(f.Alt+" "+f.Name), words) {
			out = append(out, f)
		}
	}
	return out, nil
}

func has(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}
