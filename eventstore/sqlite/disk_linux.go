package sqlite

import "golang.org/x/sys/unix"

// networkSystems are the file systems on which SQLite's locks or its shared
// write-ahead index do not hold, by the magic numbers of statfs(2). FUSE and
// 9P are among them because sshfs and shared folders of virtual machines look
// no different from a local one.
func networkName(magic uint32) string {
	switch magic {
	case 0x6969:
		return "NFS"
	case 0x517b, 0xfe534d42, 0xff534d42:
		return "SMB"
	case 0x65735546:
		return "FUSE"
	case 0x01021997:
		return "9P"
	case 0x00c36400:
		return "Ceph"
	case 0x0bd00bd0:
		return "Lustre"
	case 0x47504653:
		return "GPFS"
	case 0x5346414f, 0x6b414653:
		return "AFS"
	case 0x73757245:
		return "Coda"
	case 0x786f4256:
		return "a VirtualBox shared folder"
	}
	return ""
}

// networkOf names the network file system that a directory is on; empty if it
// is local or cannot be told.
func networkOf(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return ""
	}
	return networkName(uint32(s.Type))
}
