# Modification indices where few people make n and n - 1 differ, with gaps, robust, and of a second-order model; a label
# that a first loading shares; strict invariance beside a residual covariance;
# ordinal steps over two groups of few people
suppressMessages(library(lavaan)); source("r/json17.R")
rec<-function(call,f) list(call=paste(deparse(call,width.cutoff=500),collapse=" "),value=f(suppressWarnings(eval(call))))
bfi<-read.csv("data/bfi.csv"); X<-bfi[,paste0(rep(c("A","C","E","N","O"),each=5),1:5)]; for(i in c("A1","C4","C5","E1","E2","O2","O5")) X[[i]]<-7-X[[i]]
B<-na.omit(X); few<-X[1:400,]; D<-na.omit(cbind(X,gender=bfi$gender))
m2<-"E =~ E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5"
second<-"A =~ A1+A2+A3+A4+A5\nC =~ C1+C2+C3+C4+C5\nE =~ E1+E2+E3+E4+E5\nN =~ N1+N2+N3+N4+N5\nO =~ O1+O2+O3+O4+O5\nG =~ A+C+E+N+O"
label<-"N =~ l*N1+l*N2+N3+N4+N5"; strict<-"N =~ N1+N2+N3+N4+N5\nN1~~N2"
top<-function(f) { t<-as.data.frame(modindices(f,sort.=TRUE))[1:12,]; lapply(t[,c("lhs","op","rhs","mi","epc","sepc.all")],function(x) if(is.numeric(x)) as.numeric(x) else as.character(x)) }
x_fit<-function(f) list(parameter_estimates=parameterEstimates(f),fit_measures=as.list(unclass(fitMeasures(f))))
out<-list(meta=list(versions=list(R=R.version.string,lavaan=as.character(packageVersion("lavaan"))),data="X: bfi keyed; B <- na.omit(X); few <- X[1:400, ]; D <- na.omit(cbind(X, gender)); few_of_both <- D[1:420, ], by gender"),models=list(two=m2,second=second,label=label,strict=strict))
out$fiml<-rec(quote(lavaan::cfa(m2,few,std.lv=TRUE,missing="fiml")),top)
out$fiml_mlr<-rec(quote(lavaan::cfa(m2,few,std.lv=TRUE,missing="fiml",estimator="MLR")),top)
out$mlr<-rec(quote(lavaan::cfa(m2,few,std.lv=TRUE,estimator="MLR")),top)
out$wlsmv<-rec(quote(lavaan::cfa(m2,few,std.lv=TRUE,ordered=TRUE,estimator="WLSMV")),top)
out$wlsmv_pairwise<-rec(quote(lavaan::cfa(m2,few,std.lv=TRUE,ordered=TRUE,estimator="WLSMV",missing="pairwise")),top)
out$second<-rec(quote(lavaan::cfa(second,B,std.lv=TRUE)),function(f){ t<-as.data.frame(modindices(f)); t<-t[t$op=="~~"&t$lhs%in%c("A","C","E","N","O"),]; lapply(t[,c("lhs","op","rhs","mi","epc","sepc.all")],function(x) if(is.numeric(x)) as.numeric(x) else as.character(x)) })
out$label<-rec(quote(lavaan::cfa(label,B)),x_fit)
out$strict<-rec(quote(lavaan::cfa(strict,D,group="gender",std.lv=TRUE,group.equal=c("loadings","intercepts","residuals"))),x_fit)
few_of_both<-D[1:420,]; few_of_both<-few_of_both[order(few_of_both$gender),]
steps<-list(thresholds="thresholds",intercepts=c("thresholds","loadings","intercepts"))
for(s in names(steps)){ cl<-bquote(semTools::measEq.syntax(configural.model=.(m2),data=few_of_both,ordered=TRUE,parameterization="theta",estimator="WLSMV",ID.fac="std.lv",ID.cat="Wu.Estabrook.2016",group="gender",group.equal=.(steps[[s]]),return.fit=TRUE))
 out[[paste0("few_of_both_",s)]]<-rec(cl,function(f) list(parameter_estimates=as.list(parameterEstimates(f)[,c("lhs","op","rhs","group","est","se")]),standardized_solution=NULL,fit=as.list(unclass(fitMeasures(f))))) }
writeLines(tojson17(out),"open/indices.json",useBytes=TRUE); cat("done\n")
