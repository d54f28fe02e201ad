package merkle

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// ErrPath says that something is not the path of a tile or a bundle.
var ErrPath = fault.New(fault.NotFound, "merkle.path")

// Path names a tile or a bundle below the address of its log (C2SP tlog-tiles).
type Path struct {
	Entries bool // a bundle of leaves; Level is 0 then
	Level   int
	N       int64
	Width   int // 256 is full
}

// String writes a path: "tile/0/x001/234.p/17", "tile/entries/000".
func (p Path) String() string {
	n := fmt.Sprintf("%03d", p.N%1000)
	for rest := p.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	level := strconv.Itoa(p.Level)
	if p.Entries {
		level = "entries"
	}
	if p.Width < Width {
		n += ".p/" + strconv.Itoa(p.Width)
	}
	return "tile/" + level + "/" + n
}

// ParsePath reads a path. Each tile and bundle has one path only: anything else is ErrPath, such as zeroes in front and a width of 256.
func ParsePath(s string) (Path, error) {
	var p Path
	rest, ok := strings.CutPrefix(s, "tile/")
	level, rest, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 || len(s) > 100 {
		return Path{}, ErrPath
	}
	if level == "entries" {
		p.Entries = true
	} else if l, ok := number(level, MaxLevel); ok {
		p.Level = int(l)
	} else {
		return Path{}, ErrPath
	}
	p.Width = Width
	if n, width, ok := strings.Cut(rest, ".p/"); ok {
		w, ok := number(width, Width-1)
		if !ok || w == 0 {
			return Path{}, ErrPath
		}
		p.Width, rest = int(w), n
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		if i < len(parts)-1 {
			if part, ok = strings.CutPrefix(part, "x"); !ok {
				return Path{}, ErrPath
			}
		}
		if len(part) != 3 || strings.Trim(part, "0123456789") != "" || i == 0 && len(parts) > 1 && part == "000" {
			return Path{}, ErrPath
		}
		d, _ := strconv.Atoi(part)
		if p.N > (math.MaxInt64-int64(d))/1000 {
			return Path{}, ErrPath
		}
		p.N = p.N*1000 + int64(d)
	}
	return p, nil
}

// number reads a decimal number without zeroes in front.
func number(s string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && n <= most && strconv.FormatInt(n, 10) == s
}
