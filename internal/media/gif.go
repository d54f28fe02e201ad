package media

import (
	"encoding/binary"
	"errors"
	"image"
)

var errGIF = errors.New("not a whole GIF")

// measureGIF walks through a GIF (GIF89a specification) without unpacking it: the size of its screen, the pixels of all
// its images together, and how many there are.
func measureGIF(b []byte) (cfg image.Config, pixels int64, frames int, err error) {
	if len(b) < 13 || string(b[:3]) != "GIF" {
		return cfg, 0, 0, errGIF
	}
	cfg.Width = int(binary.LittleEndian.Uint16(b[6:]))
	cfg.Height = int(binary.LittleEndian.Uint16(b[8:]))
	i := 13 + colours(b[10])
	blocks := func() bool { // skips data blocks up to the empty one
		for i < len(b) {
			n := int(b[i])
			i += 1 + n
			if n == 0 {
				return true
			}
		}
		return false
	}
	for i < len(b) {
		switch b[i] {
		case 0x21: // an extension: its label, then data
			i += 2
			if !blocks() {
				return cfg, 0, 0, errGIF
			}
		case 0x2c: // an image: place, size, flags, its colours, the code size, then data
			if i+10 > len(b) {
				return cfg, 0, 0, errGIF
			}
			w, h := binary.LittleEndian.Uint16(b[i+5:]), binary.LittleEndian.Uint16(b[i+7:])
			pixels += int64(w) * int64(h)
			frames++
			i += 10 + colours(b[i+9]) + 1
			if !blocks() {
				return cfg, 0, 0, errGIF
			}
		case 0x3b: // the end
			return cfg, pixels, frames, nil
		default:
			return cfg, 0, 0, errGIF
		}
	}
	return cfg, 0, 0, errGIF
}

// colours is the length in bytes of the colour table that flags announce.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (1 + flags&7)
}
