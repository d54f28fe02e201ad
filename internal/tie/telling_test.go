package tie

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// tellingTown is three groups: each has a word that most of it says, and all say common ones.
func tellingTown(r *rand.Rand, each int) ([]int32, [][]string) {
	groups, words := make([]int32, 0, 3*each), make([][]string, 0, 3*each)
	for k, own := range []string{"kiln", "school", "lake"} {
		for range each {
			w := []string{"cup", "hello", "hello", fmt.Sprintf("only-%d", len(groups))}
			if r.Float64() < 0.7 {
				w = append(w, own)
			}
			if r.Float64() < 0.5 {
				w = append(w, "clay")
			}
			groups, words = append(groups, int32(k)), append(words, w)
		}
	}
	return groups, words
}

func TestTellFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	groups, words := tellingTown(rand.New(rand.NewPCG(1, 2)), 30)
	// One person who says a word a thousand times does not name their group.
	words[0] = append(words[0], slices.Repeat([]string{"shout"}, 1000)...)
	for k, want := range []string{"kiln", "school", "lake"} {
		told := Tell(groups, words, TellingOptions{})[k]
		if len(told) == 0 || told[0].Word != want {
			t.Fatalf("group %d: %+v, want %q first", k, told, want)
		}
		if told[0].People < 10 || told[0].Others != 0 || told[0].Of != 30 {
			t.Errorf("group %d: %+v", k, told[0])
		}
		for _, w := range told {
			if w.Word == "cup" || w.Word == "shout" {
				t.Errorf("group %d is told by %q", k, w.Word)
			}
		}
	}
}

// Who has which number changes nothing.
func TestTellDoesNotKnowNumbers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	groups, words := tellingTown(r, 12)
	want := Tell(groups, words, TellingOptions{})
	g, w := make([]int32, len(groups)), make([][]string, len(words))
	for from, to := range r.Perm(len(groups)) {
		g[to], w[to] = groups[from], words[from]
	}
	if got := Tell(g, w, TellingOptions{}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Where words are dealt out by chance, few groups are told from the others.
func TestTellDoesNotInvent(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 3))
	told, asked := 0, 0
	for range 60 {
		groups, words := make([]int32, 120), make([][]string, 120)
		for p := range groups {
			groups[p] = int32(r.IntN(4))
			if r.Float64() < 0.3 {
				words[p] = []string{"cup"}
			} else {
				words[p] = []string{"plate"}
			}
		}
		for _, all := range Tell(groups, words, TellingOptions{}) {
			asked++
			if len(all) > 0 {
				told++
			}
		}
	}
	// Two words, of which one side or the other passes 1.64 by chance in one case of ten.
	if told > asked/5 {
		t.Errorf("%d of %d groups were told apart by chance", told, asked)
	}
}

func TestTellAGroupAlone(t *testing.T) {
	t.Parallel()
	told := Tell([]int32{0, 0, 0, -1}, [][]string{{"cup"}, {"cup", "lid"}, {"lid", "cup"}, {"plate"}}, TellingOptions{})
	if len(told) != 1 || len(told[0]) == 0 || told[0][0].Word != "cup" {
		t.Errorf("%+v", told)
	}
	if len(Tell(nil, nil, TellingOptions{})) != 0 {
		t.Error("nobody is a group")
	}
}
