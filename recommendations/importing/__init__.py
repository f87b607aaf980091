"""Reports from elsewhere: files of rows, read as a stream and put in by the road entries take."""
